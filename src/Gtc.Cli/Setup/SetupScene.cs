using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Cli.Op;
using Gtc.Cli.Op.Apply;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>An env-pack with questions, and what it was told before.</summary>
/// <param name="Binding">The binding.</param>
/// <param name="Handler">Who reads the answers.</param>
/// <param name="Form">The questions.</param>
/// <param name="Before">The answers in force; null when there are none.</param>
internal sealed record BoundPack(EnvPackBinding Binding, IEnvPackHandler Handler, QuestionForm Form, PackAnswers? Before);

/// <summary>What a setup starts from: the environment, its env-packs, and the bundle.</summary>
internal sealed record SetupScene
{
    /// <summary>Where.</summary>
    public required OpPlace At { get; init; }

    /// <summary>The env-packs that have questions.</summary>
    public required ImmutableArray<BoundPack> EnvPacks { get; init; }

    /// <summary>The bundle, or null when only the environment is set up.</summary>
    public BundleInspection? Bundle { get; init; }

    /// <summary>What its packs ask.</summary>
    public ImmutableArray<PackQuestions> Packs { get; init; } = [];

    /// <summary>The bundle's deployment when there is one.</summary>
    public BundleDeployment? Deployment { get; init; }

    /// <summary>The paths of the secrets that are stored already.</summary>
    public required ImmutableHashSet<string> Stored { get; init; }

    /// <summary>Whether the environment has to be told who is billed.</summary>
    public bool NeedsCustomer => Bundle is not null && Deployment is null && At.Environment != EnvId.Local;

    /// <summary>Where the secret of a pack lies.</summary>
    public string SecretPath(string pack, string name) =>
        $"{(Deployment?.RouteBinding.TenantSelector ?? TenantSelector.Default).Tenant}/{Gtc.Model.SecretPath.DefaultTeam}/{pack}/{name}";

    /// <summary>Looks. Nothing is written.</summary>
    public static async Task<Outcome<SetupScene>> ReadAsync(OpPlace at, string? bundle, VerbCall call, CancellationToken cancellationToken)
    {
        var loaded = await at.LoadAsync(cancellationToken);
        if (loaded.Refusal is { } unreadable && (unreadable is not Refusal.Missing || at.Environment != EnvId.Local))
        {
            return unreadable is Refusal.Missing ? OpStore.Missing(at.Environment) : unreadable;
        }

        var current = loaded.IsOk ? loaded.Value : null;
        if (!(await BoundAsync(current, at, call, cancellationToken)).TryGet(out var bound, out var refusal))
        {
            return refusal;
        }

        var scene = new SetupScene { At = at, EnvPacks = bound, Stored = await StandingFacts.SecretsAsync(current, at, call, cancellationToken) };
        if (bundle is null)
        {
            return scene;
        }

        if (!(await BundleInspector.InspectAsync(bundle, cancellationToken)).TryGet(out var inspection, out refusal))
        {
            return refusal;
        }

        var packs = ImmutableArray.CreateBuilder<PackQuestions>();
        foreach (var pack in inspection.Packs)
        {
            if (!PackQuestions.Of(pack).TryGet(out var questions, out refusal))
            {
                return refusal;
            }

            packs.Add(questions);
        }

        return scene with
        {
            Bundle = inspection,
            Packs = [.. packs.Where(pack => !pack.Questions.IsEmpty)],
            Deployment = current?.Bundles.FirstOrDefault(deployment => deployment.BundleId == inspection.Manifest.BundleId),
        };
    }

    private static async Task<Outcome<ImmutableArray<BoundPack>>> BoundAsync(EnvironmentDocument? current, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out var refusal)
            || !(await StandingFacts.FilesAsync(current, [], at, cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        var bound = ImmutableArray.CreateBuilder<BoundPack>();
        foreach (var binding in (current ?? EnvironmentVerbs.CreateLocal()).Packs)
        {
            // A kind that nobody handles has no questions that could be known; `env doctor` lists it.
            if (!(await catalog.ResolveAsync(binding.Kind, binding.Slot, cancellationToken)).TryGet(out var handler, out _) || handler.Questions is not { } form)
            {
                continue;
            }

            PackAnswers? before = null;
            if (binding.AnswersRef is not null && files is not null
                && !BoundAnswers.Load(files.Layout.Folder, binding.Kind.Path, binding.AnswersRef, handler).TryGet(out before, out refusal))
            {
                return refusal;
            }

            bound.Add(new(binding, handler, form, before));
        }

        return bound.ToImmutable();
    }
}
