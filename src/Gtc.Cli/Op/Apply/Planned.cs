using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>A plan with everything that it was made from.</summary>
internal sealed record Planned
{
    /// <summary>The manifest.</summary>
    public required ManifestFile Source { get; init; }

    /// <summary>The environment that it starts from, or null.</summary>
    public required EnvironmentDocument? Current { get; init; }

    /// <summary>What was found out.</summary>
    public required WorldFacts World { get; init; }

    /// <summary>The steps.</summary>
    public required ApplyPlan Plan { get; init; }

    /// <summary>The ids that it minted.</summary>
    public required ImmutableArray<string> Minted { get; init; }

    /// <summary>The environment after all steps; null while a bundle is missing, since nobody knows then.</summary>
    public required EnvironmentDocument? After { get; init; }

    /// <summary>The generation that it starts from; 0 when there is no environment.</summary>
    public ulong BaseGeneration => Current?.EnvGeneration ?? 0;

    /// <summary>Plans from facts. Ids that an earlier plan minted are minted again, in their order.</summary>
    public static Outcome<Planned> Make(ManifestFile source, EnvironmentDocument? current, WorldFacts world, ImmutableArray<string> minted, VerbCall call)
    {
        var ids = minted.ToList();
        var next = 0;
        var planned = ManifestDiff.Plan(current, source.Manifest, world.Facts, Mint);
        if (!planned.TryGet(out var plan, out var refusal))
        {
            return refusal;
        }

        EnvironmentDocument? after = null;
        return plan.Missing.All(input => input.Kind != "bundle_artifact") && !plan.After(current, call.Context.Time.GetUtcNow()).TryGet(out after, out refusal)
            ? refusal
            : new Planned { Source = source, Current = current, World = world, Plan = plan, Minted = [.. ids.Take(next)], After = after };

        Ulid Mint()
        {
            if (next == ids.Count)
            {
                ids.Add(call.NewUlid().ToString());
            }

            return Ulid.TryParse(ids[next++], out var id) ? id : call.NewUlid();
        }
    }

    /// <summary>Answers that are to be staged, of a file as it was when the plan was made.</summary>
    public JsonElement? Answers(StagedAnswers? staged) => staged is null ? null : staged.File is { } file ? World.Answers[file] : staged.Inline;

    /// <summary>The plan as a document.</summary>
    public Outcome<PlanDocument> ToDocument() => After is { } after
        ? PlanDocuments.Make(
            Source.Manifest,
            Plan,
            Current,
            after,
            new PlanOrigin(BaseGeneration) { ManifestFolder = Source.Folder, Minted = Minted, Prune = World.Facts.Prune },
            DeployerPreview.Of(this, after).Objects)
        : Plan.RefuseMissing() ?? throw new InvalidOperationException("A plan without an end lacks nothing.");

    /// <summary>The same plan once values were pasted.</summary>
    public Outcome<Planned> WithPasted(IEnumerable<string> paths, VerbCall call) =>
        Make(Source, Current, World with { Facts = World.Facts with { PastedSecrets = [.. paths] } }, Minted, call);
}
