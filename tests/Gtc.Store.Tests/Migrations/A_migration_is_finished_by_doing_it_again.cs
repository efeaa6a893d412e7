using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_migration_is_finished_by_doing_it_again
{
    private const string Answers = "env-packs/deployer/answers.json";

    private static readonly EnvId Prod = Workbench.Env("prod");

    [Fact]
    public async Task Power_lost_at_any_call_loses_neither_environment()
    {
        for (var step = 1; ; step++)
        {
            using var bench = new Workbench();
            var calls = new FaultyCalls();
            var store = bench.NewStore(calls);
            await LegacyAsync(bench, store);
            calls.Step = calls.Made.Count + step;
            try
            {
                (await Migration(bench, store).ApplyAsync(Prod, Workbench.Cancellation)).Value.MergedSlots.ShouldBe([CapabilitySlot.Deployer]);
                step.ShouldBeGreaterThan(10);
                return;
            }
            catch (PowerLossException)
            {
                var isThere = File.Exists(bench.Path("dev", "environment.json"));
                (isThere || (await bench.NewStore().LoadAsync(Prod, Workbench.Cancellation)).IsOk).ShouldBeTrue($"step {step}");
                var done = await Migration(bench, bench.NewStore()).ApplyAsync(Prod, Workbench.Cancellation);
                done.IsOk.ShouldBeTrue($"step {step}: {done.Refusal?.Message}");
                Directory.Exists(bench.Path("dev", "")).ShouldBeFalse();
                var migrated = (await bench.NewStore().LoadAsync(Prod, Workbench.Cancellation)).Value;
                migrated.Packs.Single().AnswersRef.ShouldBe(Answers);
                migrated.HostConfig.Region.ShouldBe("eu");
                (await File.ReadAllTextAsync(bench.Path("prod", Answers), Workbench.Cancellation)).ShouldBe("{}");
                (await new AuditTrail(bench.NewStore()).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull();
                Directory.GetDirectories(bench.Layout.Root, ".dev-migrated-*").Length.ShouldBe(1);
            }
        }
    }

    private static DevMigration Migration(Workbench bench, FileEnvironmentStore store) => new(store, new SecretAccess(_ => null, bench.Time, bench.Count));

    private static async Task LegacyAsync(Workbench bench, FileEnvironmentStore store)
    {
        var pack = EnvironmentVerbs.DefaultBindings[0] with { AnswersRef = Answers };
        var dev = Workbench.Fresh("dev");
        (await store.MutateAsync<string>(
            Workbench.Intent("dev"),
            _ => new Mutation<string>("") { Document = dev with { Packs = [pack], HostConfig = dev.HostConfig with { Region = "eu" } } },
            Workbench.Cancellation)).IsOk.ShouldBeTrue();
        Directory.CreateDirectory(Path.GetDirectoryName(bench.Path("dev", Answers))!);
        await File.WriteAllTextAsync(bench.Path("dev", Answers), "{}", Workbench.Cancellation);
    }
}
