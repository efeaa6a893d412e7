using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What every entry of the access file grants, whoever it is for: a role, and what narrows it.</summary>
internal abstract record GrantEntry
{
    public required AccessRole Role { get; init; }

    public ImmutableArray<string>? EnvIds { get; init; }

    public ImmutableArray<DeploymentId>? DeploymentIds { get; init; }

    public ImmutableArray<string>? Verbs { get; init; }

    /// <summary>The entry as a rule, or what is wrong with it.</summary>
    /// <param name="where">The entry's place in the file.</param>
    protected Outcome<AccessRule> Rule(string where)
    {
        if (EnvIds is { IsEmpty: true })
        {
            return AccessFile.Broken("EmptyEnvIds", $"{where}.env_ids is empty; leave it out for all environments");
        }

        if (DeploymentIds is { IsEmpty: true } || Verbs is { IsEmpty: true })
        {
            return AccessFile.Broken("EmptyScope", $"{where} has an empty list; leave it out to narrow nothing");
        }

        var environments = ImmutableArray.CreateBuilder<EnvId>();
        foreach (var text in EnvIds ?? [])
        {
            if (!EnvId.TryParse(text, out var id))
            {
                return AccessFile.Broken("InvalidEnvId", $"{where}.env_ids holds `{text}`, {EnvId.Expectation} was expected");
            }

            environments.Add(id);
        }

        return (Verbs ?? []).FirstOrDefault(verb => !StoreContract.IsVerb(verb)) is { } unknown
            ? AccessFile.Broken("UnknownVerb", $"{where}.verbs holds `{unknown}`, which no route has; it must be noun.verb or noun.*")
            : new AccessRule
            {
                Role = Role,
                Environments = EnvIds is null ? null : environments.ToImmutable(),
                Deployments = DeploymentIds,
                Verbs = Verbs,
            };
    }
}

/// <summary>A static token.</summary>
/// <param name="Digest">The SHA-256 of the token, in lower-case hex.</param>
/// <param name="Actor">The name that goes into the audit log.</param>
/// <param name="Rule">What it permits.</param>
/// <param name="NotAfter">The last moment at which it counts, or null for no end.</param>
internal sealed record KnownToken(string Digest, string Actor, AccessRule Rule, DateTimeOffset? NotAfter);

/// <summary>One static token of the file.</summary>
internal sealed record TokenEntry : GrantEntry
{
    public required string TokenSha256 { get; init; }

    public required string Actor { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public Outcome<KnownToken> Check(string where)
    {
        if (TokenSha256.Length != 64 || !TokenSha256.All(char.IsAsciiHexDigit))
        {
            return AccessFile.Broken("BadDigest", $"{where}.token_sha256 must be 64 hex digits");
        }

        return string.IsNullOrWhiteSpace(Actor)
            ? AccessFile.Broken("EmptyActor", $"{where}.actor must not be blank")
            : Rule(where).Then<KnownToken>(rule => new KnownToken(TokenSha256.ToLowerInvariant(), Actor, rule, NotAfter));
    }
}
