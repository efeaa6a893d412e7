using System.Collections.Immutable;
using Gtc.Cli.Op.Credentials;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env doctor</c>: whether what an environment says fits together (op-cli.md §5.3).</summary>
internal static class EnvironmentDoctor
{
    private const int FewestSharedReplicas = 2;

    /// <summary>The verb.</summary>
    public static Verb<EnvironmentPayload> Verb => new()
    {
        Noun = "env",
        Name = "doctor",
        Purpose = "Check whether what an environment says fits together; changes nothing",
        Remark = "A cluster is asked when the environment has credentials of its own for one: whether they allow exactly what is needed, and when they end.",
        Examples = ["op env doctor", "op env doctor staging --fail-on-findings"],
        Payload = DoctorJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var loaded = await at.LoadAsync(cancellationToken);
        if (loaded.Refusal is { } unreadable and not (Refusal.InvalidDocument or Refusal.StoreFailed))
        {
            return unreadable;
        }

        var report = new DoctorReport
        {
            EnvironmentId = at.Environment.ToString(),
            CheckedAt = call.Context.Time.GetUtcNow(),
            HasRuntime = (await at.LoadRuntimeAsync(cancellationToken)) is { IsOk: true, Value: not null },
            Validate = loaded.Refusal is { } invalid ? new("error", invalid.Message) : new("ok", "the document is valid"),
        };
        if (loaded.IsOk && !(await ExamineAsync(report, loaded.Value, at, call, cancellationToken)).TryGet(out report, out refusal))
        {
            return refusal;
        }

        return Answer.Of(report, DoctorJson.Default.DoctorReport, screen => DoctorPage.Show(report, screen)) with { HasFindings = report.HasFindings };
    }

    private static async Task<Outcome<DoctorReport>> ExamineAsync(DoctorReport report, EnvironmentDocument document, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await UnservableRevisions.FindAsync(document, at, cancellationToken)).TryGet(out var stale, out var refusal)
            || !(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal)
            || !(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        var packs = new BindingFindings();
        foreach (var binding in document.Packs)
        {
            packs.Add(binding.Slot, binding.Kind, (await catalog.ResolveAsync(binding.Kind, binding.Slot, cancellationToken)).Error);
        }

        var extensions = new BindingFindings();
        foreach (var extension in document.Extensions)
        {
            extensions.Add(CapabilitySlot.Extension, extension.Kind, (await catalog.ResolveAsync(extension.Kind, CapabilitySlot.Extension, cancellationToken)).Error);
        }

        var bound = document.Packs.Select(binding => binding.Slot).ToHashSet();
        return report with
        {
            BoundSlots = [.. document.Packs.Select(binding => PackVerbs.Text(binding.Slot))],
            MissingSlots = [.. Enum.GetValues<CapabilitySlot>().Where(slot => PackVerbs.BindsInPacks(slot) && !bound.Contains(slot)).Select(PackVerbs.Text)],
            UnknownKinds = [.. packs.UnknownKinds],
            SlotMismatches = [.. packs.SlotMismatches],
            VersionSkew = [.. packs.VersionSkew],
            UnusablePacks = [.. packs.Unusable, .. extensions.Unusable],
            Extensions = new(document.Extensions.Length, [.. extensions.UnknownKinds], [.. extensions.SlotMismatches], [.. extensions.VersionSkew]),
            StaleRevisions = stale,
            Problems = [.. await AnswersAsync(document, catalog, files, cancellationToken), .. Combinations(document), .. await CredentialsDoctor.ProblemsAsync(at, call, cancellationToken)],
        };
    }

    /// <summary>Answers that a deployment would stumble over.</summary>
    private static async Task<IReadOnlyList<string>> AnswersAsync(EnvironmentDocument document, EnvPackCatalog catalog, EnvironmentFiles files, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var binding in document.Packs)
        {
            if ((await catalog.ResolveAsync(binding.Kind, binding.Slot, cancellationToken)).TryGet(out var handler, out _)
                && BoundAnswers.Load(files.Layout.Folder, binding.Kind.Path, binding.AnswersRef, handler).Refusal is { } wrong)
            {
                problems.Add($"slot {PackVerbs.Text(binding.Slot)}: {wrong.Message}");
            }
        }

        return problems;
    }

    /// <summary>Env-packs that are sound each, but not together.</summary>
    private static IEnumerable<string> Combinations(EnvironmentDocument document)
    {
        if (document.Revocation.Required && document.Packs.All(binding => binding.Slot != CapabilitySlot.Revocation))
        {
            yield return "a revocation list is required, and no env-pack is bound in slot revocation";
        }

        var deployer = document.Packs.FirstOrDefault(binding => binding.Slot == CapabilitySlot.Deployer)?.Kind.Path;
        if (deployer is null or LocalProcessPack.Path)
        {
            yield break;
        }

        foreach (var memory in document.Packs.Where(binding => binding.Kind.Path.EndsWith(".in-memory", StringComparison.Ordinal)))
        {
            yield return $"{memory.Kind} lives in one process; with {FewestSharedReplicas} workers or more behind {deployer}, callers lose what it holds";
        }
    }

    private sealed class BindingFindings
    {
        public List<string> UnknownKinds { get; } = [];

        public List<SlotMismatch> SlotMismatches { get; } = [];

        public List<VersionSkew> VersionSkew { get; } = [];

        public List<UnusablePack> Unusable { get; } = [];

        public void Add(CapabilitySlot slot, PackDescriptor kind, RegistryError? error)
        {
            switch (error)
            {
                case RegistryError.Unknown:
                    UnknownKinds.Add(kind.ToString());
                    break;
                case RegistryError.SlotMismatch mismatch:
                    SlotMismatches.Add(new(kind.ToString(), PackVerbs.Text(slot), PackVerbs.Text(mismatch.Actual)));
                    break;
                case RegistryError.VersionUnsupported skew:
                    VersionSkew.Add(new(kind.ToString(), skew.Requested, skew.Supported));
                    break;
                case RegistryError.Unusable unusable:
                    Unusable.Add(new(kind.ToString(), unusable.Why));
                    break;
            }
        }
    }
}
