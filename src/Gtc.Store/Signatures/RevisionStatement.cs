using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>What the signature of a revision says: which bytes it is made of, and where it belongs, so that it cannot stand for another one.</summary>
internal sealed record RevisionStatement
{
    /// <summary>The predicate's type, and its <c>schema</c>.</summary>
    public const string PredicateType = "greentic.revision-predicate.v1";

    private static readonly RevisionStatementJson Json = new(new JsonSerializerOptions(RevisionStatementJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public required string Schema { get; init; }

    public required RevisionId RevisionId { get; init; }

    public required DeploymentId DeploymentId { get; init; }

    public required EnvId EnvId { get; init; }

    public required string BundleDigest { get; init; }

    public required ImmutableArray<SignedPack> PackList { get; init; }

    public required string ConfigDigest { get; init; }

    public required DateTimeOffset SignedAt { get; init; }

    /// <summary>The exact bytes to sign for a revision.</summary>
    public static byte[] ToBytes(Revision revision, DateTimeOffset now) => new InTotoStatement
    {
        Subjects = [new StatementSubject(revision.RevisionId.ToString(), Hex(revision.BundleDigest))],
        PredicateType = PredicateType,
        Predicate = JsonSerializer.SerializeToElement(Of(revision, now), Json.RevisionStatement),
    }.ToBytes();

    /// <summary>Compares a verified statement with a revision.</summary>
    /// <returns>Null when it is about exactly this one, else a clause that says what differs.</returns>
    public static string? Difference(InTotoStatement signed, Revision revision)
    {
        if (signed.PredicateType != PredicateType || signed.Predicate.ValueKind != JsonValueKind.Object)
        {
            return $"what is signed is a `{signed.PredicateType}`, a `{PredicateType}` was expected";
        }

        RevisionStatement? found;
        try
        {
            found = signed.Predicate.Deserialize(Json.RevisionStatement);
        }
        catch (JsonException error)
        {
            return $"what is signed cannot be read: {error.Message.ReplaceLineEndings(" ")}";
        }

        var expected = Of(revision, found!.SignedAt);
        return Compare("schema", found.Schema, expected.Schema)
            ?? Compare("revision_id", found.RevisionId, expected.RevisionId)
            ?? Compare("deployment_id", found.DeploymentId, expected.DeploymentId)
            ?? Compare("env_id", found.EnvId, expected.EnvId)
            ?? Compare("bundle_digest", found.BundleDigest, expected.BundleDigest)
            ?? Compare("config_digest", found.ConfigDigest, expected.ConfigDigest)
            ?? ComparePacks(found.PackList, expected.PackList)
            ?? CompareSubject(signed, revision);
    }

    private static RevisionStatement Of(Revision revision, DateTimeOffset signedAt) => new()
    {
        Schema = PredicateType,
        RevisionId = revision.RevisionId,
        DeploymentId = revision.DeploymentId,
        EnvId = revision.EnvId,
        BundleDigest = revision.BundleDigest,
        PackList = [.. revision.PackList.Select(pack => new SignedPack(pack.PackId, pack.Digest))],
        ConfigDigest = revision.ConfigDigest,
        SignedAt = signedAt,
    };

    private static string? Compare<T>(string member, T signed, T found)
        where T : notnull => signed.Equals(found) ? null : $"its {member} is {found}, {signed} was signed";

    private static string? ComparePacks(ImmutableArray<SignedPack> signed, ImmutableArray<SignedPack> found)
    {
        if (!signed.IsDefault && signed.SequenceEqual(found))
        {
            return null;
        }

        var odd = found.FirstOrDefault(pack => signed.IsDefault || !signed.Contains(pack));
        return odd is null
            ? $"its pack list has {found.Length} packs in an order or number that was not signed"
            : $"its pack list names `{odd.PackId}` with {odd.Digest}, which was not signed";
    }

    private static string? CompareSubject(InTotoStatement signed, Revision revision) =>
        signed.Subjects is [var only] && only == new StatementSubject(revision.RevisionId.ToString(), Hex(revision.BundleDigest))
            ? null
            : "the subject that was signed is not this revision's bundle";

    private static string Hex(string digest) => digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..];
}

/// <summary>One pack of a signed pack list.</summary>
/// <param name="PackId">Its id.</param>
/// <param name="Digest">Its digest, <c>sha256:&lt;hex&gt;</c>.</param>
internal sealed record SignedPack(string PackId, string Digest);

/// <summary>The shape of the predicate: snake_case; members of a newer gtc are skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(RevisionStatement))]
internal sealed partial class RevisionStatementJson : JsonSerializerContext;
