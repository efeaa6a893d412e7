using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Traffic.Previews;

/// <summary><c>gtc op traffic preview add</c>: open a door to one revision beside the dial.</summary>
internal static class PreviewAdd
{
    private const int TokenBytes = 24;

    /// <summary>The verb.</summary>
    public static Verb<AddPreviewPayload> Verb => new()
    {
        Noun = PreviewNoun.Label,
        Name = "add",
        Purpose = "Let one revision be looked at before callers are moved to it",
        Remark = "The token is shown once and kept nowhere; requests that carry it in X-Greentic-Preview are answered by the revision, whatever its share. "
            + "A host leads there too, for whoever can reach it. What comes in this way pins nobody and is counted apart. Adding again replaces token, host and end.",
        Examples =
        [
            "op traffic preview add",
            "op traffic preview add --revision next --host next.shop.example.com --expires 3600",
            "op traffic preview add prod --deployment checkout --revision 01J97Q --idempotency-key look-7",
        ],
        Payload = OpJson.Default.AddPreviewPayload,
        Fields =
        [
            PayloadField.Environment,
            TrafficNoun.Deployment,
            new("revision_id", "the revision: its id, a prefix of it, or stable, previous or next; `next` when not given", "--revision", "ID"),
            new("host", "a host that leads to it, lower case without port", "--host", "NAME"),
            TrafficToken.Expires,
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(AddPreviewPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        string? token = null;
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            (PreviewNoun.Label, "add"),
            [("deployment_id", payload.DeploymentId), ("revision_id", payload.RevisionId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.AddPreviewPayload),
            OpJson.Default.PreviewSummary,
            (document, change, _) => Command(document, payload, token = Mint(call)).Then(command => PreviewVerbs.Add(document, command, change.Now)).Then(PreviewNoun.Mutation),
            new(
                (document, _) => Command(document, payload, token = Mint(call)).Then<WireRequest>(asked => Asked(asked)),
                answer =>
                {
                    token = answer.IsReplay ? null : token;
                    return PreviewNoun.Answered(answer);
                }),
            cancellationToken);

        // What the ledger keeps for a retry has no token: it would be written down.
        return done.Then(summary => Shown(summary with { Token = token }));
    }

    private static string Mint(VerbCall call)
    {
        Span<byte> random = stackalloc byte[TokenBytes];
        call.Context.Random(random);
        return Base64Url.EncodeToString(random);
    }

    private static Outcome<AddPreview> Command(EnvironmentDocument document, AddPreviewPayload payload, string token) =>
        Choice.Deployment(document, payload.DeploymentId).Then(deployment =>
            Choice.Named(document, deployment, payload.RevisionId ?? RevisionPointers.NextName).Then<AddPreview>(revision => new AddPreview
            {
                DeploymentId = deployment.DeploymentId,
                RevisionId = revision.RevisionId,
                Host = payload.Host,
                TokenHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))),
                Lifetime = TrafficToken.Lifetime(payload.ExpiresInSeconds),
            }));

    /// <summary>The server is told the token's digest only.</summary>
    private static WireRequest Asked(AddPreview command) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.AddPreviewBody,
        new AddPreviewBody
        {
            DeploymentId = command.DeploymentId,
            RevisionId = command.RevisionId,
            Host = command.Host,
            TokenHash = command.TokenHash,
            LifetimeSeconds = (ulong)command.Lifetime.TotalSeconds,
        },
        "previews");

    private static Outcome<Answer> Shown(PreviewSummary summary) => Answer.Of(summary, OpJson.Default.PreviewSummary, screen =>
    {
        screen.Say(summary.Token is null
            ? $"The preview of {summary.RevisionId} was opened under this key before; its token was shown then and is kept nowhere"
            : $"Revision {summary.RevisionId} of {summary.BundleId} can be looked at");
        screen.Facts(
            ("header", summary.Token is { } token ? $"{PreviewRoute.Field}: {token}" : null),
            ("host", summary.Host),
            ("closes", PreviewNoun.Time(summary.ExpiresAt)),
            ("undo", $"gtc op traffic preview remove {summary.EnvironmentId} --deployment {summary.DeploymentId} --revision {summary.RevisionId}"));
    });
}
