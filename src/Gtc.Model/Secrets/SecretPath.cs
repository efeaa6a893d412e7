using System.Text;

namespace Gtc.Model;

/// <summary>Where a secret lies in its environment as people write it: <c>&lt;tenant&gt;/&lt;team&gt;/&lt;pack&gt;/&lt;name&gt;</c> (store.md §8.5, op-cli.md §6.4).</summary>
public sealed record SecretPath
{
    /// <summary>The team that stands for no team in particular.</summary>
    public const string DefaultTeam = "_";

    /// <summary>What a valid path looks like, for error texts.</summary>
    public const string Expectation = "<tenant>/<team>/<pack>/<name>, e.g. acme/_/messaging-telegram/bot_token";

    private const int MaxShown = 80;

    private SecretPath(string tenant, string team, string pack, string name) => (Tenant, Team, Pack, Name) = (tenant, team, pack, name);

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>The team, or <see cref="DefaultTeam"/>.</summary>
    public string Team { get; }

    /// <summary>The pack that reads it.</summary>
    public string Pack { get; }

    /// <summary>Its canonical name: words of <c>[a-z0-9]</c> joined by single underscores.</summary>
    public string Name { get; }

    /// <summary>Parses a path; leading slashes are taken off.</summary>
    public static Outcome<SecretPath> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.TrimStart('/').Split('/') is not [var tenant, var team, var pack, var name] || tenant.Length == 0 || team.Length == 0 || pack.Length == 0 || name.Length == 0)
        {
            return Refused(text, "it must have four segments", Expectation);
        }

        if (SecretUri.NormalizeTeam(team) == DefaultTeam && team != DefaultTeam)
        {
            return Refused(text, "the default team is written `_`", $"{tenant}/{DefaultTeam}/{pack}/{name}");
        }

        foreach (var segment in new[] { tenant, team, pack, name })
        {
            if (!SecretUri.IsSegment(segment))
            {
                return Refused(text, $"`{Shown(segment)}` may hold [a-z0-9._-] only, at most {SecretUri.MaxSegmentLength} of them", Expectation);
            }
        }

        var canonical = CanonicalName(name);
        return name == canonical
            ? new SecretPath(tenant, team, pack, name)
            : Refused(text, "the name must be in its canonical form", $"{tenant}/{team}/{pack}/{canonical}");
    }

    /// <summary>
    /// The one spelling of a name that every reader asks for: lower case, with <c>-</c>, <c>.</c>, <c>/</c> and blanks as underscores,
    /// other characters dropped, underscores neither doubled nor at an end; <c>secret</c> when nothing is left.
    /// </summary>
    public static string CanonicalName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var canonical = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                canonical.Append(char.ToLowerInvariant(character));
            }
            else if (character is '-' or '.' or '/' or ' ' or '_' && canonical is not [] and not [.., '_'])
            {
                canonical.Append('_');
            }
        }

        return canonical.ToString().TrimEnd('_') is { Length: > 0 } words ? words : "secret";
    }

    /// <summary>The secret in an environment; refused when the environment's id has no place in a store URI.</summary>
    public Outcome<SecretUri> In(EnvId environment) => SecretUri.Of(environment.ToString(), Tenant, Team, Pack, Name);

    /// <summary>The path as it is written.</summary>
    public override string ToString() => $"{Tenant}/{Team}/{Pack}/{Name}";

    private static Refusal.InvalidArgument Refused(string found, string why, string expected) => new($"the secret's path is not usable: {why}")
    {
        Details = [new("expected", expected), new("found", Shown(found))],
    };

    private static string Shown(string text) => text.Length <= MaxShown ? text : $"{text[..MaxShown]}…";
}
