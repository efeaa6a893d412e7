using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary><c>gtc op trust-root revoke</c>, <c>unrevoke</c> and <c>revoked</c>: what an environment takes back although it was signed.</summary>
internal static class TrustRootRevoke
{
    private const string Noun = "trust-root";

    private static readonly ImmutableArray<PayloadField> Fields =
    [
        PayloadField.Environment,
        new("digests", "a bundle or a pack, by its digest", "--digest", "SHA256"),
        new("key_ids", "an operator's key: what it alone signed", "--key-id", "ID"),
        PayloadField.RetryKey,
    ];

    /// <summary>Takes back.</summary>
    public static Verb<RevokePayload> Revoke => new()
    {
        Noun = Noun,
        Name = "revoke",
        Purpose = "Take a bundle, a pack or a key back: its revisions are refused at stage, warm and traffic",
        Remark = "The list counts where slot `revocation` is bound to greentic.revocation.file. Traffic that a revision has stays until the dial is turned.",
        Examples = ["op trust-root revoke prod --digest sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706", "op trust-root revoke --key-id fe812c12f3ab4ce6ac5db69ac352f906"],
        Payload = OpJson.Default.RevokePayload,
        Fields = Fields,
        RunAsync = (payload, call, stop) => ChangeAsync("revoke", payload, list => list.With(payload.Digests, payload.KeyIds), call, stop),
    };

    /// <summary>Takes off the list.</summary>
    public static Verb<RevokePayload> Unrevoke => new()
    {
        Noun = Noun,
        Name = "unrevoke",
        Purpose = "Take a bundle, a pack or a key off the list of what is revoked",
        Examples = ["op trust-root unrevoke prod --key-id fe812c12f3ab4ce6ac5db69ac352f906"],
        Payload = OpJson.Default.RevokePayload,
        Fields = Fields,
        RunAsync = (payload, call, stop) => ChangeAsync("unrevoke", payload, list => list.Without(payload.Digests, payload.KeyIds), call, stop),
    };

    /// <summary>Shows the list.</summary>
    public static Verb<EnvironmentPayload> Revoked => new()
    {
        Noun = Noun,
        Name = "revoked",
        Purpose = "List the bundles, packs and keys that are taken back",
        Examples = ["op trust-root revoked prod"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static async Task<Outcome<Answer>> ChangeAsync(string verb, RevokePayload payload, Func<RevocationList, Outcome<RevocationList>> change, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            (Noun, verb),
            [],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.RevokePayload),
            OpJson.Default.RevokedList,
            (document, context, _) => Named(payload).Then(_ => RevocationList.LoadListed(Reader(context.Files), document)).Then(change).Then(list => list.ToFile().Then(bytes => context.Files.Write(list.Reference, bytes) is { } unwritten
                ? unwritten
                : (Outcome<Mutation<RevokedList>>)new Mutation<RevokedList>(RevokedList.Of(document, list)) { Target = Target(document.EnvironmentId, payload) })),
            new(
                (_, _) => Named(payload).Then<WireRequest>(body => WireRequest.With(HttpMethod.Post, ContractJson.Default.RevokeBody, body, Noun, verb) with { IsChained = false }),
                answer => answer.Result.Deserialize(OpJson.Default.RevokedList)!),
            cancellationToken);
        return done.Then(Shown);
    }

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var found = at is RemotePlace remote
            ? (await remote.Store.RevokedAsync(at.Environment, cancellationToken)).Then<RevokedList>(told => told.Deserialize(OpJson.Default.RevokedList)!)
            : (await at.LoadAsync(cancellationToken)).Then(document =>
                RevocationList.LoadListed(Reader(((LocalPlace)at).Store.Files(at.Environment)), document).Then<RevokedList>(list => RevokedList.Of(document, list)));
        return found.Then(Shown);
    }

    private static Func<string, Outcome<byte[]?>> Reader(EnvironmentFiles files) => reference => files.Read(reference, RevocationList.MaxBytes);

    private static Outcome<RevokeBody> Named(RevokePayload payload) => payload.Digests.IsEmpty && payload.KeyIds.IsEmpty
        ? new Refusal.InvalidArgument("neither a digest nor a key is named") { Next = "gtc op trust-root revoked" }
        : new RevokeBody { Digests = payload.Digests, KeyIds = payload.KeyIds };

    private static JsonObject Target(EnvId environment, RevokePayload payload) => new()
    {
        ["environment_id"] = environment.ToString(),
        ["digests"] = new JsonArray([.. payload.Digests.Select(digest => (JsonNode)digest)]),
        ["key_ids"] = new JsonArray([.. payload.KeyIds.Select(key => (JsonNode)key)]),
    };

    private static Outcome<Answer> Shown(RevokedList list) => Answer.Of(list, OpJson.Default.RevokedList, screen =>
    {
        screen.Table(
            new([new("revoked"), new("what")], [.. list.Digests.Select(digest => ImmutableArray.Create(digest, "bundle or pack")), .. list.KeyIds.Select(key => ImmutableArray.Create(key, "key"))]),
            $"Environment {list.EnvironmentId} takes nothing back.");
        screen.Facts(("not asked yet", list.IsAsked ? null : $"gtc op env-packs add {list.EnvironmentId} slot=revocation kind={RevocationList.KindPath}@0.1.0 pack_ref=builtin"));
    });
}

/// <summary>What <c>trust-root revoke</c> and <c>unrevoke</c> take.</summary>
internal sealed record RevokePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Bundles and packs.</summary>
    public ImmutableArray<string> Digests { get => field.IsDefault ? [] : field; init; }

    /// <summary>Keys of operators.</summary>
    public ImmutableArray<string> KeyIds { get => field.IsDefault ? [] : field; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What an environment takes back.</summary>
internal sealed record RevokedList(string EnvironmentId, ImmutableArray<string> Digests, ImmutableArray<string> KeyIds, bool IsAsked)
{
    /// <summary>The list of an environment.</summary>
    public static RevokedList Of(EnvironmentDocument document, RevocationList list) => new(document.EnvironmentId.ToString(), list.Digests, list.KeyIds, RevocationList.IsAsked(document));
}
