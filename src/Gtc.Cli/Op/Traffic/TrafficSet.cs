using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

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
        Remark = "Weights are percent (90, 12.5%) or basis points (9000bps) and sum to 100 %. A revision is named by its id, a prefix of it, or stable, previous or next (see `show`). Without shares the newest ready revision takes everything.",
        Examples =
        [
            "op traffic set",
            "op traffic set 01J8A1=90% 01J97Q=10%",
            "op traffic set stable=95% next=5%",
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
            ThenReconcile.Field,
        ],
        ReadWords = WeightText.Gather,
        OwnWords = "[REVISION=WEIGHT …]",
        RunAsync = async (payload, call, cancellationToken) =>
            await ThenReconcile.RunAsync(await RunAsync(payload, call, cancellationToken), payload.Reconcile, payload.EnvironmentId, call, cancellationToken),
    };

    private static async Task<Outcome<Answer>> RunAsync(SetTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "traffic", "set", ("deployment_id", payload.DeploymentId));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var minted, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        // The key of the shares in force is asked of the dial itself: a projection that was lost is written again. Nothing new stands under the key
        // then, so it is not recorded a second time: the first answer must stay the one that is found. A server keeps its projections itself.
        var isInForce = at is LocalPlace && payload.IdempotencyKey is not null && (await InForceAsync(at, payload, cancellationToken)) == payload.IdempotencyKey;
        TrafficChange? made = null;
        var done = await at.ChangeAsync(
            new OpChange<TrafficSummary>(isInForce ? intent : intent with { IdempotencyKey = minted, Request = Request(payload) })
            {
                Kept = isInForce ? null : OpJson.Default.TrafficSummary,
                IsKeyMinted = payload.IdempotencyKey is null,
                OnFiles = change => change.Required(at.Environment).Then(document => Command(document, payload, minted).Then(command =>
                {
                    if (isInForce && Find(document, command.DeploymentId)?.IdempotencyKey != payload.IdempotencyKey)
                    {
                        return new Refusal.Conflict($"the dial of deployment {command.DeploymentId} was turned by someone else in this moment; ask again");
                    }

                    return TrafficVerbs.Set(document, command, change.Now).Then(result => RevocationGate.Routed(document, result.Document, change, call.Context.Variable).Then(_ => Mutation(made = result)));
                })),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => Command(document, payload, minted)).Then<WireRequest>(command => Asked(command, payload)),
                FromWire = answer =>
                {
                    var split = Find(answer.Document, answer.Id<DeploymentId>("deployment_id"))!;
                    made = answer.IsReplay ? null : new TrafficChange(answer.Document, split, Generation(answer, "previous_generation"), Generation(answer, "new_generation"));
                    return TrafficSummary.Of(split);
                },
            },
            cancellationToken);
        return done.Then(summary => (Outcome<Answer>)Answer.Of(summary, OpJson.Default.TrafficSummary, screen => Show(summary, made, screen)));
    }

    private static WireRequest Asked(SetTraffic command, SetTrafficPayload payload) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.TrafficBody,
        new TrafficBody
        {
            DeploymentId = command.DeploymentId,
            Entries = command.Entries,
            UpdatedBy = command.UpdatedBy,
            AuthorizationRef = command.AuthorizationRef,
            KeepsSame = payload.IdempotencyKey is null,
        },
        "traffic");

    private static ulong? Generation(WireAnswer answer, string member) => answer.Result.TryGetProperty(member, out var generation) && generation.ValueKind == JsonValueKind.Number ? generation.GetUInt64() : null;

    private static async Task<string?> InForceAsync(OpPlace at, SetTrafficPayload payload, CancellationToken cancellationToken) =>
        (await at.LoadAsync(cancellationToken))
            .Then(document => Choice.Deployment(document, payload.DeploymentId).Then(deployment => (Outcome<string?>)Find(document, deployment.DeploymentId)?.IdempotencyKey))
            .Match(key => key, _ => null);

    private static TrafficSplit? Find(EnvironmentDocument document, DeploymentId id) => document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == id);

    /// <summary>What a retry must ask again: the shares, in any order and unit.</summary>
    private static JsonElement Request(SetTrafficPayload payload) => RepeatableChange.Request(
        new SetTrafficPayload
        {
            Entries = [.. payload.Entries
                .Select(entry => entry with { RevisionId = entry.RevisionId.ToUpperInvariant(), WeightBps = entry.WeightBps ?? Percent(entry), WeightPercent = null })
                .OrderBy(entry => entry.RevisionId, StringComparer.Ordinal).ThenBy(entry => entry.WeightBps)],
        },
        OpJson.Default.SetTrafficPayload);

    private static Outcome<Mutation<TrafficSummary>> Mutation(TrafficChange change) => new Mutation<TrafficSummary>(TrafficSummary.Of(change.Split))
    {
        Document = change.NewGeneration is null ? null : change.Document,
        PreviousGeneration = change.PreviousGeneration,
        NewGeneration = change.NewGeneration,
        RefreshesRuntimeConfig = true,
        Target = OpStore.Target(("deployment_id", change.Split.DeploymentId.ToString())),
    };

    private static Outcome<SetTraffic> Command(EnvironmentDocument document, SetTrafficPayload payload, string minted)
    {
        if (!Choice.Deployment(document, payload.DeploymentId).TryGet(out var deployment, out var refusal)
            || !Shares(document, deployment, payload.Entries).TryGet(out var shares, out refusal))
        {
            return refusal;
        }

        // Without a key of the caller's, asking for what is in force already is a replay: a fresh key would overwrite what a rollback goes back to.
        var current = Find(document, deployment.DeploymentId);
        var isReplay = payload.IdempotencyKey is null && current is not null && TrafficVerbs.SameShares(current.Entries, shares);
        return new SetTraffic
        {
            DeploymentId = deployment.DeploymentId,
            Entries = shares,
            UpdatedBy = payload.UpdatedBy ?? "operator",
            IdempotencyKey = isReplay ? current!.IdempotencyKey : minted,
            AuthorizationRef = payload.AuthorizationRef ?? "auth.json",
        };
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
            if (!Choice.Named(document, deployment, entry.RevisionId).TryGet(out var revision, out var refusal))
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

    /// <param name="summary">The answer.</param>
    /// <param name="made">What was changed, or null when an earlier answer is given again.</param>
    /// <param name="screen">Where it is shown.</param>
    private static void Show(TrafficSummary summary, TrafficChange? made, Screen screen)
    {
        screen.Say(made switch
        {
            null => $"Traffic of {summary.BundleId} was set under this key before · generation {summary.Generation} then",
            { NewGeneration: null } => $"Traffic of {summary.BundleId} is split like this already · generation {summary.Generation}",
            { PreviousGeneration: { } previous } => $"Traffic of {summary.BundleId} is set · generation {previous} → {summary.Generation}",
            _ => $"Traffic of {summary.BundleId} is set · generation {summary.Generation}",
        });
        if (made is not null)
        {
            screen.Table(TrafficNoun.Table(made.Split, made.Document, screen), "It has no shares.");
            screen.Facts(("undo", made.NewGeneration is not null && summary.HasPrevious ? $"gtc op traffic rollback {summary.EnvironmentId} --deployment {summary.DeploymentId}" : null));
        }
    }
}
