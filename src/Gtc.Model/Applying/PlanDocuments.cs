using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>Makes, seals and reads plan files. Pure.</summary>
public static class PlanDocuments
{
    private const int MaxDifferences = 10;

    /// <summary>The sealed plan.</summary>
    /// <param name="manifest">The manifest that was planned.</param>
    /// <param name="plan">Its steps.</param>
    /// <param name="current">The document that it was planned on, or null.</param>
    /// <param name="after">The document after all steps, see <see cref="ApplyPlan.After"/>.</param>
    /// <param name="origin">Where it starts from: the generation of <paramref name="current"/>, and what makes it repeatable.</param>
    /// <param name="objects">How a cluster's objects would differ; empty when there is none.</param>
    public static PlanDocument Make(
        EnvManifest manifest, ApplyPlan plan, EnvironmentDocument? current, EnvironmentDocument after, PlanOrigin origin, ImmutableArray<PlanObject> objects)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(origin);
        var before = current ?? EnvironmentVerbs.Create(after.EnvironmentId, string.Empty, new HostConfig { EnvId = after.EnvironmentId });
        return Seal(new PlanDocument
        {
            Schema = Schemas.Plan,
            EnvironmentId = plan.EnvironmentId,
            BaseGeneration = origin.BaseGeneration,
            ManifestDigest = Manifests.Digest(manifest),
            Changes = EnvironmentDiff.Between(before, after),
            Objects = objects,
            Traffic = MovedTraffic(before, after),
            Steps = [.. plan.Steps.Select(step => new PlanStep(step.Kind, step.Key, step.Action, step.Detail, step.IdempotencyKey))],
            Manifest = manifest,
            ManifestFolder = origin.ManifestFolder,
            Minted = origin.Minted,
            Prune = origin.Prune,
        });
    }

    /// <summary>The deployments whose callers move, in the order of the document after.</summary>
    /// <param name="before">The document before, or null when there was none.</param>
    /// <param name="after">The document after.</param>
    public static ImmutableArray<PlanTraffic> MovedTraffic(EnvironmentDocument? before, EnvironmentDocument after)
    {
        ArgumentNullException.ThrowIfNull(after);
        return
        [
            .. after.TrafficSplits
                .Select(split => new PlanTraffic(split.DeploymentId, Moved(before is null ? [] : Find.Split(before, split.DeploymentId)?.Entries ?? [], split.Entries)))
                .Where(moved => moved.MovedBps > 0),
        ];
    }

    /// <summary>
    /// Null when a plan that is made again now does what the first one says; otherwise what is different. A secret's step does not count: its value
    /// is not part of a plan, and whether one is at hand is known only when it is applied.
    /// </summary>
    /// <param name="first">The plan that somebody read.</param>
    /// <param name="again">The plan of the same manifest with the same ids, made now.</param>
    public static Refusal.Conflict? Difference(PlanDocument first, PlanDocument again)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(again);
        var expected = Subjects(first);
        var found = Subjects(again);
        var differing = expected.Keys.Union(found.Keys).Where(subject => expected.GetValueOrDefault(subject) != found.GetValueOrDefault(subject)).Order(StringComparer.Ordinal).ToList();
        return differing.Count == 0 ? null : new Refusal.Conflict("what the plan was made from has changed, e.g. a bundle or an answers file; applying would do something else than the plan says")
        {
            Details = [.. differing.Take(MaxDifferences).Select(subject => new RefusalDetail(subject, $"planned: {expected.GetValueOrDefault(subject, "nothing")}; now: {found.GetValueOrDefault(subject, "nothing")}"))],
            Next = "gtc op plan --answers MANIFEST --out PLAN",
        };
    }

    /// <summary>The plan as a JSON value, exactly as a plan file has it.</summary>
    public static JsonElement ToElement(PlanDocument plan) => JsonSerializer.SerializeToElement(plan, PlanJson.Default.PlanDocument);

    /// <summary>The bytes of a plan file.</summary>
    public static byte[] ToFile(PlanDocument plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. JsonSerializer.SerializeToUtf8Bytes(plan, PlanJson.Default.PlanDocument), (byte)'\n'];
    }

    /// <summary>Reads a plan file; one that was altered after it was sealed is refused, and so is one whose manifest breaks a rule.</summary>
    public static Outcome<PlanDocument> Parse(ReadOnlySpan<byte> utf8)
    {
        if (!Authored.Parse(utf8, PlanJson.Default.PlanDocument, "the plan").TryGet(out var plan, out var refusal))
        {
            return refusal;
        }

        using var raw = JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = 64 });
        if (AuthoredNulls.FindItem(utf8) is { } path)
        {
            return new Refusal.UnreadableAnswers($"the plan cannot be read at {path}: null stands in a list") { Details = [new("at", path)] };
        }

        if (plan.Schema != Schemas.Plan)
        {
            return new Refusal.UnreadableAnswers($"the plan cannot be read at $.schema: it is `{plan.Schema}`, `{Schemas.Plan}` was expected") { Details = [new("at", "$.schema")] };
        }

        var found = DigestOf(raw.RootElement);
        if (plan.Digest != found || plan.ManifestDigest != Manifests.Digest(plan.Manifest))
        {
            return new Refusal.DigestMismatch("the plan was altered after it was made")
            {
                Details = [new("expected", plan.Digest?.ToString() ?? "a digest"), new("found", found.ToString())],
                Next = "gtc op plan --answers MANIFEST --out PLAN",
            };
        }

        return Manifests.Check(plan.Manifest) is { } broken ? broken : plan;
    }

    private static Dictionary<string, string> Subjects(PlanDocument plan)
    {
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal) { ["manifest"] = plan.ManifestDigest.ToString() };
        foreach (var step in plan.Steps.Where(step => step.Kind != StepKinds.PutSecret))
        {
            subjects[$"{step.Kind} {step.Key}"] = $"{step.Action} {step.IdempotencyKey}";
        }

        foreach (var change in plan.Changes)
        {
            subjects[change.Subject] = $"{change.Kind} {change.After}";
        }

        foreach (var moved in plan.Traffic)
        {
            subjects[$"callers of {moved.DeploymentId}"] = $"{moved.MovedBps} bps";
        }

        return subjects;
    }

    private static PlanDocument Seal(PlanDocument plan) => plan with { Digest = DigestOf(JsonSerializer.SerializeToElement(plan, PlanJson.Default.PlanDocument)) };

    /// <summary>Over the raw value, so that a member that this version would not read counts too.</summary>
    private static Sha256Digest DigestOf(JsonElement plan)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in plan.EnumerateObject().Where(member => member.Name != "digest"))
        {
            members[member.Name] = member.Value;
        }

        return CanonicalJson.Digest(JsonSerializer.SerializeToElement(members, PlanJson.Default.DictionaryStringJsonElement));
    }

    private static uint Moved(ImmutableArray<TrafficShare> before, ImmutableArray<TrafficShare> after)
    {
        var shares = before.ToDictionary(entry => entry.RevisionId, entry => entry.WeightBps);
        return (uint)after.Sum(entry => Math.Max(0L, entry.WeightBps - (long)shares.GetValueOrDefault(entry.RevisionId)));
    }
}
