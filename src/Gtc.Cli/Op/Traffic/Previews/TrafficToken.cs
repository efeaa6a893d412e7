using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Op.Traffic.Previews;

/// <summary><c>gtc op traffic token</c>: mint a token with which any peer may name the revision that answers (decision 18).</summary>
internal static class TrafficToken
{
    /// <summary>How long a token or preview is good for.</summary>
    public static PayloadField Expires { get; } =
        new("expires_in_seconds", "how long it is good for, 60 to 2,592,000 seconds (30 days); 86,400 (a day) when not given", "--expires", "SECONDS");

    /// <summary>The verb.</summary>
    public static Verb<MintTokenPayload> Verb => new()
    {
        Noun = "traffic",
        Name = "token",
        Purpose = "Mint a token with which a request may name its revision",
        Remark = "Sent in X-Greentic-Revision-Token it makes X-Greentic-Revision count from any peer, for routed revisions of one deployment: an id, or stable, previous or next. "
            + "It is shown once and kept nowhere; a new signing key of the environment ends all of them.",
        Examples = ["op traffic token", "op traffic token prod --deployment checkout --expires 3600"],
        Payload = OpJson.Default.MintTokenPayload,
        Fields = [PayloadField.Environment, TrafficNoun.Deployment, Expires, PayloadField.AuditKey],
        RunAsync = RunAsync,
    };

    /// <summary>The time that was asked for, whether or not it is allowed; a day when none was.</summary>
    public static TimeSpan Lifetime(uint? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : AddPreview.DefaultLifetime;

    private static async Task<Outcome<Answer>> RunAsync(MintTokenPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "traffic", "token", ("deployment_id", payload.DeploymentId));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !Check(Lifetime(payload.ExpiresInSeconds)).TryGet(out var lifetime, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        // Nothing of it is kept: the key is recorded, the answer is not.
        var done = await at.Store.MutateAsync(
            intent with { IdempotencyKey = key },
            change => change.Required(at.Environment).Then(document => Choice.Deployment(document, payload.DeploymentId).Then(deployment => Mint(deployment, change, lifetime, call))),
            cancellationToken);
        return done.Then(minted => (Outcome<Answer>)Answer.Of(minted, OpJson.Default.MintedToken, screen =>
        {
            screen.Say($"A request with this token may name the revision of {minted.BundleId} that answers it");
            screen.Facts(("header", $"{RevisionHeaderToken.Field}: {minted.Token}"), ("ends", PreviewNoun.Time(minted.ExpiresAt)));
        }));
    }

    private static Outcome<TimeSpan> Check(TimeSpan lifetime) => lifetime < AddPreview.MinLifetime || lifetime > AddPreview.MaxLifetime
        ? new Refusal.InvalidArgument($"a token for {lifetime.TotalSeconds:0} seconds was asked for; {AddPreview.MinLifetime.TotalSeconds:0} to {AddPreview.MaxLifetime.TotalSeconds:0} were expected")
        : lifetime;

    private static Outcome<Mutation<MintedToken>> Mint(BundleDeployment deployment, MutationContext change, TimeSpan lifetime, VerbCall call) =>
        RevisionSigningKey.LoadOrMake(change.Files, new RandomSource(call.Context.Random)).Then(key =>
        {
            // Whole seconds, as the token says it.
            var ends = DateTimeOffset.FromUnixTimeSeconds((change.Now + lifetime).ToUnixTimeSeconds());
            var minted = new MintedToken
            {
                EnvironmentId = deployment.EnvId.ToString(),
                DeploymentId = deployment.DeploymentId.ToString(),
                BundleId = deployment.BundleId,
                ExpiresAt = ends,
                Token = new RevisionHeaderToken(key, deployment.EnvId).Write(deployment.DeploymentId, ends),
            };
            return (Outcome<Mutation<MintedToken>>)new Mutation<MintedToken>(minted) { Target = OpStore.Target(("deployment_id", minted.DeploymentId)) };
        });
}
