using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The file of static tokens, <c>greentic.store-rbac.v1</c> (store-server.md §5.1). It holds digests, never tokens.</summary>
internal sealed record TokenFile(string Schema, ImmutableArray<TokenEntry> Tokens)
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.store-rbac.v1";

    /// <summary>Parses and checks a file.</summary>
    /// <returns>The rules by digest; or a refusal whose detail <c>rule</c> names what is wrong, with the entry's index.</returns>
    public static Outcome<ImmutableDictionary<string, KnownToken>> Parse(ReadOnlySpan<byte> utf8)
    {
        if (!Authored.Parse(utf8, AccessJson.Default.TokenFile, "the token file").TryGet(out var file, out var unreadable))
        {
            return Broken("Parse", unreadable.Message);
        }

        if (file.Schema != SchemaId)
        {
            return Broken("Schema", $"schema is `{file.Schema}`, `{SchemaId}` was expected");
        }

        if (file.Tokens.IsDefaultOrEmpty)
        {
            return Broken("Empty", "the token file has no tokens, so nobody could do anything");
        }

        var rules = ImmutableDictionary.CreateBuilder<string, KnownToken>(StringComparer.Ordinal);
        for (var index = 0; index < file.Tokens.Length; index++)
        {
            if (file.Tokens[index] is not { } entry)
            {
                return Broken("Parse", $"tokens[{index}] is null");
            }

            if (!entry.Check(index).TryGet(out var known, out var broken))
            {
                return broken;
            }

            if (!rules.TryAdd(entry.TokenSha256.ToLowerInvariant(), known))
            {
                return Broken("DuplicateDigest", $"tokens[{index}] has the digest of an entry before it");
            }
        }

        return rules.ToImmutable();
    }

    internal static Refusal.InvalidArgument Broken(string rule, string message) => new(message) { Details = [new("rule", rule)] };
}

/// <summary>Whom a token belongs to, and what it permits.</summary>
/// <param name="Actor">The name that goes into the audit log.</param>
/// <param name="Rule">What it permits.</param>
/// <param name="NotAfter">The last moment at which it counts, or null for no end.</param>
public sealed record KnownToken(string Actor, AccessRule Rule, DateTimeOffset? NotAfter);

/// <summary>One token of the file.</summary>
internal sealed record TokenEntry
{
    public required string TokenSha256 { get; init; }

    public required string Actor { get; init; }

    public required AccessRole Role { get; init; }

    public ImmutableArray<string>? EnvIds { get; init; }

    public ImmutableArray<DeploymentId>? DeploymentIds { get; init; }

    public ImmutableArray<string>? Verbs { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>The entry as a rule, or what is wrong with it.</summary>
    public Outcome<KnownToken> Check(int index)
    {
        if (TokenSha256.Length != 64 || !TokenSha256.All(char.IsAsciiHexDigit))
        {
            return TokenFile.Broken("BadDigest", $"tokens[{index}].token_sha256 must be 64 hex digits");
        }

        if (string.IsNullOrWhiteSpace(Actor))
        {
            return TokenFile.Broken("EmptyActor", $"tokens[{index}].actor must not be blank");
        }

        if (EnvIds is { IsEmpty: true })
        {
            return TokenFile.Broken("EmptyEnvIds", $"tokens[{index}].env_ids is empty; leave it out for all environments");
        }

        if (DeploymentIds is { IsEmpty: true } || Verbs is { IsEmpty: true })
        {
            return TokenFile.Broken("EmptyScope", $"tokens[{index}] has an empty list; leave it out to narrow nothing");
        }

        var environments = ImmutableArray.CreateBuilder<EnvId>();
        foreach (var text in EnvIds ?? [])
        {
            if (!EnvId.TryParse(text, out var id))
            {
                return TokenFile.Broken("InvalidEnvId", $"tokens[{index}].env_ids holds `{text}`, {EnvId.Expectation} was expected");
            }

            environments.Add(id);
        }

        return (Verbs ?? []).FirstOrDefault(verb => !StoreContract.IsVerb(verb)) is { } unknown
            ? TokenFile.Broken("UnknownVerb", $"tokens[{index}].verbs holds `{unknown}`, which no route has; it must be noun.verb or noun.*")
            : new KnownToken(Actor, new AccessRule
            {
                Role = Role,
                Environments = EnvIds is null ? null : environments.ToImmutable(),
                Deployments = DeploymentIds,
                Verbs = Verbs,
            }, NotAfter);
    }
}

/// <summary>Roles in the wire's spelling.</summary>
internal sealed class AccessRoleJson() : JsonStringEnumConverter<AccessRole>(System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>The shape of the token file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(Rfc3339Json), typeof(AccessRoleJson)])]
[JsonSerializable(typeof(TokenFile))]
internal sealed partial class AccessJson : JsonSerializerContext;
