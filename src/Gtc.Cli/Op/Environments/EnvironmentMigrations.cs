using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>op env migrate-dev</c> and <c>op env migrate-state</c>: what earlier tools left (store.md §7).</summary>
internal static class EnvironmentMigrations
{
    private static readonly PayloadField _target = new("environment_id", "the environment that stays; GREENTIC_ENV or `local` when not given", "--env", "ENV", "TARGET");

    private static readonly PayloadField _check = new("check", "say what would be met, and change nothing", "--check");

    private static readonly PayloadField _apply = new("apply", "do it", "--apply");

    /// <summary><c>env migrate-dev</c>.</summary>
    public static Verb<MigratePayload> Dev => new()
    {
        Noun = "env",
        Name = "migrate-dev",
        Purpose = "Move the bindings, answers and secrets of the older environment `dev` into another one",
        Remark = "What the target has stays. The folder of `dev` is set aside as .dev-migrated-<time>. Bundles, revisions and splits are not moved: an environment that has some is refused.",
        Examples = ["op env migrate-dev local --check", "op env migrate-dev local --apply"],
        Payload = OpJson.Default.MigratePayload,
        Fields = [_target, _check, _apply],
        RunAsync = DevAsync,
    };

    /// <summary><c>env migrate-state</c>.</summary>
    public static Verb<MigrateStatePayload> State => new()
    {
        Noun = "env",
        Name = "migrate-state",
        Purpose = "Set the older folder of deployment state aside",
        Remark = "Its contents are not copied: the folder deploy becomes .deploy-migrated-<time>.",
        Examples = ["op env migrate-state local --check", "op env migrate-state local --apply --state-dir ~/.greentic/state"],
        Payload = OpJson.Default.MigrateStatePayload,
        Fields = [_target, _check, _apply, new("state_dir", "the folder that has deploy/; ~/.greentic/state when not given", "--state-dir", "DIR")],
        RunAsync = StateAsync,
    };

    private static async Task<Outcome<Answer>> DevAsync(MigratePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (Unclear(payload.Check, payload.Apply, "migrate-dev") is { } unclear)
        {
            return unclear;
        }

        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var migration = new DevMigration(at.Store, new SecretAccess(call.Context.Variable, call.Context.Time, new RandomSource(call.Context.Random)));
        if (payload.Check)
        {
            return (await migration.CheckAsync(at.Environment, cancellationToken)).Then(findings => (Outcome<Answer>)Answer.Of(
                new DevMigrationChecked("dev", at.Environment.ToString(), !findings.Any(finding => finding.IsBlocking), findings),
                OpJson.Default.DevMigrationChecked,
                screen => Show(findings, "There is nothing to migrate.", screen)));
        }

        return (await migration.ApplyAsync(at.Environment, cancellationToken)).Then(done => (Outcome<Answer>)Answer.Of(
            new DevMigrationDone("dev", at.Environment.ToString(), done.MergedSlots, done.MergedExtensions, done.RekeyedSecrets, done.RenamedTo),
            OpJson.Default.DevMigrationDone,
            screen => screen.Say(done.RenamedTo is null
                ? "There is nothing to migrate."
                : $"Environment {at.Environment} has {done.MergedSlots.Length} bindings and {done.RekeyedSecrets} secrets more; the older one is set aside: {done.RenamedTo}")));
    }

    private static async Task<Outcome<Answer>> StateAsync(MigrateStatePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (Unclear(payload.Check, payload.Apply, "migrate-state") is { } unclear)
        {
            return unclear;
        }

        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !StateFolder(payload.StateDir, call).TryGet(out var folder, out refusal))
        {
            return refusal;
        }

        var migration = new StateMigration(at.Store, folder);
        if (payload.Check)
        {
            return (await at.Store.LoadAsync(at.Environment, cancellationToken)).Then(_ =>
            {
                var scan = migration.Scan();
                return (Outcome<Answer>)Answer.Of(
                    new StateMigrationChecked(at.Environment.ToString(), folder, !scan.Findings.Any(finding => finding.IsBlocking), scan.Leaves, scan.Findings),
                    OpJson.Default.StateMigrationChecked,
                    screen => Show(scan.Findings, "There is nothing to migrate.", screen));
            });
        }

        return (await migration.ApplyAsync(at.Environment, cancellationToken)).Then(done => (Outcome<Answer>)Answer.Of(
            new StateMigrationDone(at.Environment.ToString(), folder, done.RenamedTo, done.Scanned),
            OpJson.Default.StateMigrationDone,
            screen => screen.Say(done.RenamedTo is null ? "There is nothing to migrate." : $"{done.Scanned} scopes are set aside: {done.RenamedTo}")));
    }

    private static Refusal.InvalidArgument? Unclear(bool check, bool apply, string verb) => check == apply
        ? new($"either --check or --apply must be given{(check ? ", not both" : "")}") { Next = $"gtc op env {verb} local --check" }
        : null;

    private static Outcome<string> StateFolder(string? given, VerbCall call) => given is { Length: > 0 } ? call.Context.PathOf(given)
        : call.Context.Variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".greentic", "state")
        : new Refusal.InvalidArgument("there is no state folder: neither --state-dir nor HOME is set");

    private static void Show(ImmutableArray<MigrationFinding> findings, string whenEmpty, Screen screen) => screen.Table(
        new([new("finding"), new("severity"), new("what"), new("where", 1)], [.. findings.Select(one => (ImmutableArray<string>)[one.Kind, one.Severity, one.Message, one.Location])]),
        whenEmpty);
}

/// <summary>What <c>env migrate-dev</c> takes.</summary>
internal sealed record MigratePayload
{
    /// <summary>The environment that stays.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Only look.</summary>
    public bool Check { get; init; }

    /// <summary>Do it.</summary>
    public bool Apply { get; init; }
}

/// <summary>What <c>env migrate-state</c> takes.</summary>
internal sealed record MigrateStatePayload
{
    /// <summary>The environment that it is recorded with.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Only look.</summary>
    public bool Check { get; init; }

    /// <summary>Do it.</summary>
    public bool Apply { get; init; }

    /// <summary>The folder.</summary>
    public string? StateDir { get; init; }
}

/// <summary>What <c>env migrate-dev --check</c> answers.</summary>
internal sealed record DevMigrationChecked(string FromEnv, string ToEnv, bool Clean, IReadOnlyList<MigrationFinding> Findings);

/// <summary>What <c>env migrate-dev --apply</c> answers.</summary>
internal sealed record DevMigrationDone(
    string FromEnv, string ToEnv, IReadOnlyList<CapabilitySlot> MergedSlots, IReadOnlyList<string> MergedExtensions, int RekeyedSecrets, string? LegacyDirRenamedTo);

/// <summary>What <c>env migrate-state --check</c> answers.</summary>
internal sealed record StateMigrationChecked(string EnvId, string StateDir, bool Clean, int LeafCount, IReadOnlyList<MigrationFinding> Findings);

/// <summary>What <c>env migrate-state --apply</c> answers.</summary>
internal sealed record StateMigrationDone(string EnvId, string StateDir, string? LegacyDirRenamedTo, int ScannedPathsCount);
