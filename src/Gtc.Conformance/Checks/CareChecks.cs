using System.Collections.Immutable;
using System.Text;
using Gtc.EnvPacks;
using Gtc.Model;
using static Gtc.Conformance.CheckRun;
using static Gtc.Conformance.ConformanceFixture;

namespace Gtc.Conformance;

/// <summary>Credentials and secrets (deployers-and-conformance.md §13, C30 and C31).</summary>
internal static class CareChecks
{
    public static ImmutableArray<ConformanceCheck> All { get; } =
    [
        new("C30", "the credentials contract is stable, complete, in order, and changes nothing", Excuses.WithoutCredentials, CredentialsAsync),
        new("C31", "no secret stands in an object, a log line or an error", run => run.Subject.SecretMarker is null ? "the subject knows no secret" : null, SecretsAsync),
    ];

    private static async Task CredentialsAsync(CheckRun run)
    {
        var (contract, allowed, denied) = run.Subject.Credentials!;
        var wanted = contract.Capabilities.Select(capability => capability.Id).ToList();
        Broken(wanted.SequenceEqual(contract.Capabilities.Select(capability => capability.Id)), "its capabilities differ from one look to the next");
        Broken(wanted.Distinct(StringComparer.Ordinal).Count() == wanted.Count, "it names a capability twice");
        run.Subject.Provider?.ForgetCalls();
        var before = run.Subject.Provider is null ? [] : await run.SnapshotAsync();
        Covers(wanted, (await contract.ValidateAsync(allowed, run.Token)).Checks, "with everything that is needed");
        var refused = (await contract.ValidateAsync(denied, run.Token)).Checks;
        Covers(wanted, refused, "with something missing");
        Broken(refused.Any(check => check.Status == CapabilityStatus.Fail), "something is missing, and no capability failed");
        Broken(refused.All(check => check.Status == CapabilityStatus.Pass || check.Reason is { Length: > 0 }), "a capability that does not stand gives no reason");
        if (run.Subject.Provider is { } provider)
        {
            var mutating = provider.Calls.Where(call => call.Mutates).Select(call => call.Operation).ToList();
            Broken(mutating.Count == 0, $"validating called {string.Join(", ", mutating)}");
            var difference = Difference(before, await run.SnapshotAsync());
            Broken(difference is null, $"validating changed the provider: {difference}");
        }
    }

    private static void Covers(List<string> wanted, ImmutableArray<CapabilityCheck> checks, string when)
    {
        var found = checks.Select(check => check.Id).ToList();
        Broken(wanted.SequenceEqual(found), $"{when} {string.Join(", ", wanted)} were expected in this order, found {string.Join(", ", found)}");
    }

    private static void Broken(bool holds, string message) => Demand(holds, "CredentialsContractBroken", null, message);

    private static async Task SecretsAsync(CheckRun run)
    {
        var marker = run.Subject.SecretMarker!;
        var environment = await run.PlaceAsync();
        var said = new List<string>();
        if (run.Capabilities.ProvidesHealthGate)
        {
            run.Provider.IsReady = false;
            said.Add(CheckRun.Text(await run.WarmAsync(environment, RevisionA1)));
            run.Provider.IsReady = true;
        }

        if (run.Capabilities.ProvidesObjects)
        {
            run.Provider.FailCall(1);
            said.Add(CheckRun.Text(await run.WarmAsync(environment, RevisionA1)));
        }

        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        said.Add(CheckRun.Text((await run.ApplyAsync(environment, DeploymentA)).Refusal));
        said.Add(CheckRun.Text(await run.DrainAsync(environment, RevisionA1)));
        said.Add(CheckRun.Text(await run.Subject.Deployer.WarmRevisionAsync(environment, RevisionA1, run.AnswersWith("conformance_unknown_answer", "x"), run.Token)));
        Demand(!said.Exists(text => text.Contains(marker, StringComparison.Ordinal)), "SecretLeaked", null, "an error holds the secret");
        foreach (var found in run.Subject.Provider is null ? [] : await run.SnapshotAsync())
        {
            Demand(found.HoldsSecrets || !$"{found.Name}\n{found.Content}".Contains(marker, StringComparison.Ordinal), "SecretLeaked", Warm, $"{found.Name} holds the secret");
        }

        Demand(
            !run.Subject.Renders || !Encoding.UTF8.GetString(await run.Subject.RenderAsync(environment, run.Token)).Contains(marker, StringComparison.Ordinal),
            "SecretLeaked",
            null,
            "what is rendered holds the secret");
        said.Add(CheckRun.Text(await run.ArchiveAsync(environment, RevisionA1)));
        Demand(!(await run.Subject.LogsAsync(run.Token)).Contains(marker, StringComparison.Ordinal), "SecretLeaked", null, "a log holds the secret");
    }
}
