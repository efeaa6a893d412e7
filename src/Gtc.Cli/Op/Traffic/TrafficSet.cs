using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Traffic;

/// <summary><c>gtc op traffic set</c>: say which share of a deployment's traffic each revision takes.</summary>
internal static class TrafficSet
{
    /// <summary>One line.</summary>
    public const string Purpose = "Set which share of the traffic each revision takes";

    /// <summary>The verb.</summary>
    public static Verb<SetTrafficPayload> Verb => new()
    {
        Noun = "traffic",
        Name = "set",
        Purpose = Purpose,
        Remark = "Weights are percent (90, 12.5%) or basis points (9000bps) and sum to 100 %. Without shares the newest ready revision takes everything.",
        Examples =
        [
            "op traffic set",
            "op traffic set 01J8A1=90% 01J97Q=10%",
            "op traffic set local --deployment checkout 01J97Q=10000bps --idempotency-key rollout-7",
        ],
        Payload = OpJson.Default.SetTrafficPayload,
        Fields =
        [
            PayloadField.Environment,
            TrafficNoun.Deployment,
            new("entries", "the shares: revision_id with weight_bps or weight_percent; all to the newest ready revision when not given"),
            new("updated_by", "who sets it; `operator` when not given", "--updated-by", "NAME"),
            new("idempotency_key", "a retry with the same key and shares changes nothing; minted when not given", "--idempotency-key", "KEY"),
            new("authorization_ref", "the authorization document; auth.json when not given", "--authorization-ref", "PATH"),
        ],
        ReadWords = WeightText.Gather,
        OwnWords = "[REVISION=WEIGHT …]",
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(SetTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var read = await at.Store.LoadAsync(at.Environment, cancellationToken);
        var command = read.Then(document => Command(document, payload, call));
        var intent = OpStore.Intent(at.Environment, "traffic", "set", ("deployment_id", command.Match(known => known.DeploymentId.ToString(), _ => payload.DeploymentId)))
            with { IdempotencyKey = command.Match(known => known.IdempotencyKey, _ => payload.IdempotencyKey) };
        var done = await at.Store.MutateAsync(
            intent,
            change => command.Then(known => change.Required(at.Environment).Then(document => TrafficVerbs.Set(document, known, change.Now).Then(Mutation))),
            cancellationToken);
        return done.Then(result => (Outcome<Answer>)Answer.Of(
            TrafficSummary.Of(result.Split),
            OpJson.Default.TrafficSummary,
            screen => Show(result, read.Value.TrafficSplits.FirstOrDefault(split => split.DeploymentId == result.Split.DeploymentId), screen)));
    }

    private static Outcome<Mutation<TrafficChange>> Mutation(TrafficChange change) => new Mutation<TrafficChange>(change)
    {
        Document = change.NewGeneration is null ? null : change.Document,
        PreviousGeneration = change.PreviousGeneration,
        NewGeneration = change.NewGeneration,
        RefreshesRuntimeConfig = true,
    };

    private static Outcome<SetTraffic> Command(EnvironmentDocument document, SetTrafficPayload payload, VerbCall call)
    {
        if (!Choice.Deployment(document, payload.DeploymentId).TryGet(out var deployment, out var refusal)
            || !Shares(document, deployment, payload.Entries).TryGet(out var shares, out refusal))
        {
            return refusal;
        }

        // Without a key of the caller's, asking for what is in force already is a replay: a fresh key would overwrite what a rollback goes back to.
        var current = document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment.DeploymentId);
        var replayed = current is not null && TrafficVerbs.SameShares(current.Entries, shares) ? current.IdempotencyKey : null;
        return call.IdempotencyKey(payload.IdempotencyKey ?? replayed).Then(key => (Outcome<SetTraffic>)new SetTraffic
        {
            DeploymentId = deployment.DeploymentId,
            Entries = shares,
            UpdatedBy = payload.UpdatedBy ?? "operator",
            IdempotencyKey = key,
            AuthorizationRef = payload.AuthorizationRef ?? "auth.json",
        });
    }

    private static Outcome<ImmutableArray<TrafficShare>> Shares(EnvironmentDocument document, BundleDeployment deployment, ImmutableArray<TrafficSharePayload> entries)
    {
        if (entries.IsEmpty)
        {
            return Choice.Newest(document, deployment.DeploymentId, RevisionLifecycle.Ready)
                .Then<ImmutableArray<TrafficShare>>(newest => (ImmutableArray<TrafficShare>)[new TrafficShare { RevisionId = newest.RevisionId, WeightBps = TrafficSplit.Whole }]);
        }

        var shares = ImmutableArray.CreateBuilder<TrafficShare>(entries.Length);
        foreach (var entry in entries)
        {
            if (!Choice.Revision(document, entry.RevisionId).TryGet(out var revision, out var refusal))
            {
                return refusal;
            }

            if ((entry.WeightBps ?? Percent(entry)) is not { } weight)
            {
                return new Refusal.InvalidArgument($"the share of revision {revision.RevisionId} needs weight_percent (0 to 100) or weight_bps (0 to {TrafficSplit.Whole})");
            }

            shares.Add(new TrafficShare { RevisionId = revision.RevisionId, WeightBps = weight });
        }

        return shares.MoveToImmutable();
    }

    private static uint? Percent(TrafficSharePayload entry) => entry.WeightPercent is <= 100 ? entry.WeightPercent * (TrafficSplit.Whole / 100) : null;

    private static void Show(TrafficChange change, TrafficSplit? before, Screen screen)
    {
        var split = change.Split;
        screen.Say(change.NewGeneration is null
            ? $"Traffic of {split.BundleId} is split like this already · generation {split.Generation}"
            : $"Traffic of {split.BundleId} is set · generation {(change.PreviousGeneration is { } previous ? $"{previous} → {split.Generation}" : $"{split.Generation}")}");
        screen.Table(TrafficNoun.Table(split, change.Document, screen), "It has no shares.");
        if (change.NewGeneration is not null && before is not null)
        {
            var entries = string.Join(' ', before.Entries.Select(entry => $"{entry.RevisionId}={entry.WeightBps}bps"));
            screen.Facts(("undo", $"gtc op traffic set {split.EnvId} --deployment {split.DeploymentId} {entries}"));
        }
    }
}
