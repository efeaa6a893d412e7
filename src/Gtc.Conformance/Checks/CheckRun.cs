using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Conformance;

/// <summary>One check at work: the verbs under their names of the specification, and what can be demanded of them.</summary>
internal sealed class CheckRun(DeployerCapabilities capabilities, ConformanceSubject subject, TimeProvider time, CancellationToken cancellationToken)
{
    public const string Stage = "stage_revision";
    public const string Warm = "warm_revision";
    public const string Drain = "drain_revision";
    public const string Archive = "archive_revision";
    public const string Apply = "apply_traffic_split";

    public DeployerCapabilities Capabilities => capabilities;

    public ConformanceSubject Subject => subject;

    public TimeProvider Time => time;

    public CancellationToken Token => cancellationToken;

    public IObservedProvider Provider => subject.Provider
        ?? throw new CheckFailed("NoProvider", null, "the deployer claims to provide something, and its subject supplies no provider to look at");

    public Task<EnvironmentDocument> PlaceAsync() => PlaceAsync(ConformanceFixture.Environment());

    public Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment) => subject.PlaceAsync(environment, Token);

    public Task<Refusal?> StageAsync(EnvironmentDocument environment, RevisionId revision) => subject.Deployer.StageRevisionAsync(environment, revision, Token);

    public Task<Refusal?> WarmAsync(EnvironmentDocument environment, RevisionId revision) => subject.Deployer.WarmRevisionAsync(environment, revision, subject.Answers, Token);

    public Task<Refusal?> DrainAsync(EnvironmentDocument environment, RevisionId revision) => subject.Deployer.DrainRevisionAsync(environment, revision, Token);

    public Task<Refusal?> ArchiveAsync(EnvironmentDocument environment, RevisionId revision) =>
        subject.Deployer.ArchiveRevisionAsync(environment, revision, subject.Answers, Token);

    public Task<Outcome<AppliedSplit>> ApplyAsync(EnvironmentDocument environment, DeploymentId deployment) =>
        subject.Deployer.ApplyTrafficSplitAsync(environment, deployment, subject.Answers, Token);

    /// <summary>All verbs that take a revision.</summary>
    public ImmutableArray<(string Name, Func<EnvironmentDocument, RevisionId, Task<Refusal?>> Call)> RevisionVerbs =>
        [(Stage, StageAsync), (Warm, WarmAsync), (Drain, DrainAsync), (Archive, ArchiveAsync)];

    /// <summary>Warms what a split routes to, where the deployer refuses a split over revisions that do not run.</summary>
    public async Task MakeRoutableAsync(EnvironmentDocument environment, DeploymentId deployment)
    {
        if (!capabilities.ProvidesObjects || subject.AcceptsUnwarmedSplits is not null)
        {
            return;
        }

        foreach (var entry in environment.TrafficSplits.Where(split => split.DeploymentId == deployment).SelectMany(split => split.Entries))
        {
            MustPass(Warm, await WarmAsync(environment, entry.RevisionId));
        }
    }

    /// <summary>The objects of one revision.</summary>
    public async Task<ImmutableArray<ProviderObject>> ObjectsOfAsync(EnvironmentDocument environment, RevisionId revision) =>
        [.. (await SnapshotAsync()).Where(found => found.Environment == environment.EnvironmentId && found.Revision == revision)];

    public async Task<ImmutableArray<ProviderObject>> SnapshotAsync() => [.. (await Provider.SnapshotAsync(Token)).OrderBy(found => found.Name, StringComparer.Ordinal)];

    /// <summary>What differs between two looks, for people; null when nothing does.</summary>
    public static string? Difference(ImmutableArray<ProviderObject> before, ImmutableArray<ProviderObject> after)
    {
        var was = before.ToLookup(found => found.Name, StringComparer.Ordinal);
        var present = after.ToLookup(found => found.Name, StringComparer.Ordinal);
        var words = was.Where(group => !present.Contains(group.Key)).Select(group => $"{group.Key} is gone")
            .Concat(present.Where(group => !was.Contains(group.Key)).Select(group => $"{group.Key} is new"))
            .Concat(present.Where(group => was.Contains(group.Key) && !group.Select(found => found.Content).SequenceEqual(was[group.Key].Select(found => found.Content))).Select(group => $"{group.Key} is changed"))
            .ToList();
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    public static void Demand(bool holds, string code, string? verb, string message)
    {
        if (!holds)
        {
            throw new CheckFailed(code, verb, message);
        }
    }

    /// <summary>Steps that lead to what a check is about must succeed.</summary>
    public static void MustPass(string verb, Refusal? refusal) => Demand(refusal is null, "HappyPathFailed", verb, Text(refusal));

    public static T MustPass<T>(string verb, Outcome<T> outcome)
    {
        MustPass(verb, outcome.Refusal);
        return outcome.Value;
    }

    /// <summary>All that a refusal says.</summary>
    public static string Text(Refusal? refusal) => refusal is null
        ? ""
        : string.Join("; ", [$"{refusal.GetType().Name}: {refusal.Message}", .. refusal.Details.Select(detail => $"{detail.Label}: {detail.Value}")]);

    public static bool IsSame(IEnumerable<TrafficShare> one, IEnumerable<TrafficShare> other) =>
        one.Select(share => (share.RevisionId, share.WeightBps)).SequenceEqual(other.Select(share => (share.RevisionId, share.WeightBps)));

    public static ImmutableArray<TrafficShare> Recorded(EnvironmentDocument environment, DeploymentId deployment) =>
        environment.TrafficSplits.First(split => split.DeploymentId == deployment).Entries;

    /// <summary>The subject's answers with one more member.</summary>
    public JsonElement AnswersWith(string key, string value)
    {
        var members = new JsonObject();
        if (subject.Answers is { } given)
        {
            foreach (var member in given.EnumerateObject())
            {
                members[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }

        members[key] = value;
        return JsonElement.Parse(members.ToJsonString());
    }
}
