using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server.Tests.Serving;

/// <summary>What only the engine on files can do: others work on the same folder, and people read it.</summary>
public sealed class A_file_engine_shares_its_folder
{
    private static readonly EnvId Env = EnvId.TryParse("shop-eu", out var id) ? id : default;

    [Fact]
    public async Task A_change_beside_the_server_is_seen_and_reaches_who_watches()
    {
        await using var lab = new FileLab();
        using var client = await lab.StartAsync();
        await client.CreateAsync("shop-eu");
        var waiting = client.GetAsync("/environments/shop-eu/watch?from=1&timeout=120");
        await using (var beside = new FileEnvironmentStore(new StoreLayout(lab.Data), TimeProvider.System, RandomNumberGenerator.Fill))
        {
            var intent = new MutationIntent(Env, "env", "update", new JsonObject());
            (await beside.MutateAsync<bool>(intent, context => new Mutation<bool>(true) { Document = context.Current! with { Name = "beside" } }, TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
        }

        (await waiting).Must(200).Generation.ShouldBe(2);
        (await client.GetAsync("/environments/shop-eu"))["environment"].GetProperty("name").GetString().ShouldBe("beside");
    }

    [Fact]
    public async Task Signed_policies_and_the_audit_chain_verify_offline()
    {
        await using var lab = new FileLab();
        using var client = await lab.StartAsync();
        await client.DeployAsync("shop-eu");
        await lab.StopAsync();
        await using var store = new FileEnvironmentStore(new StoreLayout(lab.Data), TimeProvider.System, RandomNumberGenerator.Fill);
        var document = (await store.LoadAsync(Env, TestContext.Current.CancellationToken)).Value;
        var files = store.Files(Env);
        var policy = files.Read(document.Bundles.Single().RevenuePolicyRef, 1 << 20).Value!;
        var signed = files.Read("billing-policies/main/acme/v1.json", 1 << 20).Value!;
        var root = new TrustRootFile(files).Load().Value!;
        Gtc.Signing.Dsse.VerifyArtifact(policy, Convert.ToHexStringLower(SHA256.HashData(signed)), root.Keys).Error.ShouldBeNull();
        (await new AuditTrail(store).VerifyAsync(Env, TestContext.Current.CancellationToken)).Value.IsSound.ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "store-server:12.28")]
    public async Task The_oldest_of_4097_keys_is_forgotten()
    {
        await using var lab = new FileLab();
        using var client = await lab.StartAsync();
        await client.CreateAsync("shop-eu", "create");
        (await client.RenameAsync("shop-eu", "first", "first")).Must(200);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4095), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = TestContext.Current.CancellationToken }, async (index, _) =>
            (await client.RenameAsync("shop-eu", "n", $"k{index}")).Must(200));
        (await client.RenameAsync("shop-eu", "first", "first")).Must(200).Idempotency.ShouldBe("replayed");
        (await client.RenameAsync("shop-eu", "n", "last")).Must(200);
        (await client.RenameAsync("shop-eu", "first", "first")).Must(200).Idempotency.ShouldBe("applied");
    }
}
