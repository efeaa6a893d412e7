using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Who may do what, <c>greentic.store-rbac.v1</c> (store-server.md §5.1): static tokens by their digests, and, which is additive, issuers of tokens and client
/// certificates. It holds no secret.
/// </summary>
internal sealed record AccessFile
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.store-rbac.v1";

    public required string Schema { get; init; }

    public ImmutableArray<TokenEntry?>? Tokens { get; init; }

    public ImmutableArray<IssuerEntry?>? Issuers { get; init; }

    public ImmutableArray<CertificateEntry?>? Certificates { get; init; }

    /// <summary>Parses and checks a file.</summary>
    /// <returns>The rules; or a refusal whose detail <c>rule</c> names what is wrong, with the entry's index.</returns>
    public static Outcome<AccessPolicy> Parse(ReadOnlySpan<byte> utf8)
    {
        if (!Authored.Parse(utf8, AccessJson.Default.AccessFile, "the access file").TryGet(out var file, out var unreadable))
        {
            return Broken("Parse", unreadable.Message);
        }

        if (file.Schema != SchemaId)
        {
            return Broken("Schema", $"schema is `{file.Schema}`, `{SchemaId}` was expected");
        }

        if (file is { Tokens: null or { IsEmpty: true }, Issuers: null or { IsEmpty: true }, Certificates: null or { IsEmpty: true } })
        {
            return Broken("Empty", "the access file has no tokens, issuers or certificates, so nobody could do anything");
        }

        return Each("tokens", file.Tokens, (entry, where) => entry.Check(where), token => token.Digest, "DuplicateDigest").Then(tokens =>
            Each("issuers", file.Issuers, (entry, where) => entry.Check(where), issuer => issuer.Rules.Issuer, "DuplicateIssuer").Then(issuers =>
                Each("certificates", file.Certificates, (entry, where) => entry.Check(where), certificate => certificate.Name, "DuplicateCertificate").Then<AccessPolicy>(certificates =>
                    new AccessPolicy(tokens.ToImmutableDictionary(token => token.Digest, StringComparer.Ordinal), issuers, certificates))));
    }

    internal static Refusal.InvalidArgument Broken(string rule, string message) => new(message) { Details = [new("rule", rule)] };

    /// <summary>Checks the entries of a list, no two of which may be told by the same key.</summary>
    internal static Outcome<ImmutableArray<TKnown>> Each<TEntry, TKnown>(
        string list, ImmutableArray<TEntry?>? entries, Func<TEntry, string, Outcome<TKnown>> check, Func<TKnown, string> key, string duplicate)
        where TEntry : class
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var found = ImmutableArray.CreateBuilder<TKnown>();
        foreach (var (index, given) in (entries ?? []).Index())
        {
            var where = $"{list}[{index}]";
            if (given is not { } entry)
            {
                return Broken("Parse", $"{where} is null");
            }

            if (!check(entry, where).TryGet(out var known, out var refusal))
            {
                return refusal;
            }

            if (!seen.Add(key(known)))
            {
                return Broken(duplicate, $"{where} is told by the same as an entry before it");
            }

            found.Add(known);
        }

        return found.ToImmutable();
    }
}

/// <summary>The rules of an access file, checked.</summary>
/// <param name="Tokens">Static tokens by the SHA-256 of the token, in lower-case hex.</param>
/// <param name="Issuers">Issuers of tokens.</param>
/// <param name="Certificates">Client certificates.</param>
internal sealed record AccessPolicy(ImmutableDictionary<string, KnownToken> Tokens, ImmutableArray<KnownIssuer> Issuers, ImmutableArray<KnownCertificate> Certificates);

/// <summary>Roles in the wire's spelling.</summary>
internal sealed class AccessRoleJson() : JsonStringEnumConverter<AccessRole>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>The shape of the access file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(Rfc3339Json), typeof(AccessRoleJson)])]
[JsonSerializable(typeof(AccessFile))]
internal sealed partial class AccessJson : JsonSerializerContext;
