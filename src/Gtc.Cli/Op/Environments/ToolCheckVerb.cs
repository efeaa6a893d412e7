using System.Collections.Immutable;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env tool-check</c>: whether what the env-packs need is there (op-cli.md §5.5).</summary>
internal static class ToolCheckVerb
{
    /// <summary>The verb.</summary>
    public static Verb<EnvironmentPayload> Verb => new()
    {
        Noun = "env",
        Name = "tool-check",
        Purpose = "Check whether the tools and places that the env-packs need are there",
        Examples = ["op env tool-check", "op env tool-check staging --exit-code detailed"],
        Payload = DoctorJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal)
            || !(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        var packs = new Checked(catalog, document, files.Layout.Folder, call);
        foreach (var binding in document.Packs)
        {
            await packs.AddAsync(binding.Slot, binding.Kind, binding.AnswersRef, cancellationToken);
        }

        var extensions = new Checked(catalog, document, files.Layout.Folder, call);
        foreach (var extension in document.Extensions)
        {
            await extensions.AddAsync(CapabilitySlot.Extension, extension.Kind, extension.AnswersRef, cancellationToken);
        }

        var all = packs.Bindings.Concat(extensions.Bindings).SelectMany(binding => binding.Checks).ToList();
        var report = new ToolReport
        {
            EnvironmentId = at.Environment.ToString(),
            Bindings = [.. packs.Bindings],
            UnresolvedBindings = [.. packs.Unresolved],
            ExtensionBindings = [.. extensions.Bindings],
            ExtensionUnresolvedBindings = [.. extensions.Unresolved],
            TotalChecks = all.Count,
            FailedChecks = all.Count(check => check.Outcome is not ToolOutcome.Ok),
            CheckedAt = call.Context.Time.GetUtcNow(),
        };
        return Answer.Of(report, DoctorJson.Default.ToolReport, screen => Show(report, screen)) with { HasFindings = report.FailedChecks + report.UnresolvedBindings.Length > 0 };
    }

    private static void Show(ToolReport report, Screen screen)
    {
        screen.Say(report.FailedChecks == 0 ? $"{report.TotalChecks} checks, nothing is missing." : $"{report.TotalChecks} checks, {report.FailedChecks} failed.");
        foreach (var binding in report.Bindings.Concat(report.ExtensionBindings))
        {
            foreach (var check in binding.Checks)
            {
                var (word, detail, next) = Say(check.Outcome);
                screen.Say($"  {word,-8} {check.Name} ({binding.Kind}): {detail}");
                screen.Facts(("         next", next));
            }
        }

        foreach (var unresolved in report.UnresolvedBindings.Concat(report.ExtensionUnresolvedBindings))
        {
            screen.Say($"  unknown  {unresolved.Kind}: {unresolved.Why}");
        }
    }

    private static (string Word, string Detail, string? Next) Say(ToolOutcome outcome) => outcome switch
    {
        ToolOutcome.Ok ok => ("ok", ok.Detail, null),
        ToolOutcome.NotFound missing => ("missing", "it is not there", missing.InstallHint),
        ToolOutcome.VersionMismatch old => ("old", $"{old.Found}, {old.Required} is needed", old.InstallHint),
        ToolOutcome.AuthFailed denied => ("denied", denied.Detail, denied.RecoveryHint),
        ToolOutcome.Unreachable unreachable => ("failed", unreachable.Detail, unreachable.RecoveryHint),
        ToolOutcome.ProbeError error => ("unclear", error.Detail, null),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An outcome without words."),
    };

    private sealed class Checked(EnvPackCatalog catalog, EnvironmentDocument document, string folder, VerbCall call)
    {
        public List<BindingChecks> Bindings { get; } = [];

        public List<UnresolvedBinding> Unresolved { get; } = [];

        public async Task AddAsync(CapabilitySlot slot, PackDescriptor kind, string? answersRef, CancellationToken cancellationToken)
        {
            if (!(await catalog.ResolveAsync(kind, slot, cancellationToken)).TryGet(out var handler, out var error))
            {
                Unresolved.Add(new(PackVerbs.Text(slot), kind.ToString(), error.Message));
                return;
            }

            if (!BoundAnswers.Load(folder, kind.Path, answersRef, handler).TryGet(out var answers, out var refusal))
            {
                Unresolved.Add(new(PackVerbs.Text(slot), kind.ToString(), refusal.Message));
                return;
            }

            var checks = handler.Preflight(new PackSetting
            {
                Environment = document.EnvironmentId,
                Folder = folder,
                ListenAddr = document.HostConfig.ListenAddr,
                Answers = answers,
                WorkerProgram = Environment.ProcessPath ?? call.Context.ProgramName,
                Tools = call.Context.Tools,
            });
            var results = await Task.WhenAll(checks.Select(async check => new CheckResult(check.Name, check.Description, await ToolProbes.RunAsync(check, call.Context.Time, cancellationToken))));
            Bindings.Add(new(PackVerbs.Text(slot), kind.ToString(), [.. results]));
        }
    }
}

/// <summary>What <c>env tool-check</c> answers (op-cli.md §5.5).</summary>
internal sealed record ToolReport
{
    public required string EnvironmentId { get; init; }

    public required ImmutableArray<BindingChecks> Bindings { get; init; }

    public required ImmutableArray<UnresolvedBinding> UnresolvedBindings { get; init; }

    public required ImmutableArray<BindingChecks> ExtensionBindings { get; init; }

    public required ImmutableArray<UnresolvedBinding> ExtensionUnresolvedBindings { get; init; }

    public required int TotalChecks { get; init; }

    public required int FailedChecks { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }
}

/// <summary>The checks of one binding.</summary>
internal sealed record BindingChecks(string Slot, string Kind, ImmutableArray<CheckResult> Checks);

/// <summary>A binding that nobody can check.</summary>
internal sealed record UnresolvedBinding(string Slot, string Kind, string Why);

/// <summary>One check after it ran.</summary>
internal sealed record CheckResult(string Name, string Description, ToolOutcome Outcome);
