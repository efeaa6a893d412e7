namespace Gtc.Model;

/// <summary>Where a secret lies in a store of secrets: <c>secrets://&lt;env&gt;/&lt;tenant&gt;/&lt;team&gt;/&lt;category&gt;/&lt;name&gt;</c> (environment-model.md §1.4).</summary>
public sealed record SecretUri
{
    /// <summary>The scheme of store URIs; references have <see cref="References.SecretScheme"/>.</summary>
    public const string Scheme = "secrets://";

    /// <summary>The most characters of one segment.</summary>
    public const int MaxSegmentLength = 128;

    private SecretUri(string environment, string tenant, string team, string category, string name) =>
        (Environment, Tenant, Team, Category, Name) = (environment, tenant, team, category, name);

    /// <summary>The environment.</summary>
    public string Environment { get; }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>The team, <c>_</c> for none in particular.</summary>
    public string Team { get; }

    /// <summary>The pack, or a unit of it.</summary>
    public string Category { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The reference by which documents name it: <c>secret://…</c>.</summary>
    public string Reference => References.SecretScheme + Body;

    /// <summary>The environment variable that may hold it instead: <c>GREENTIC_SECRET__&lt;ENV&gt;__&lt;TENANT&gt;__&lt;TEAM&gt;__&lt;CATEGORY&gt;__&lt;NAME&gt;</c>.</summary>
    public string EnvironmentVariable => string.Join("__", ["GREENTIC_SECRET", .. new[] { Environment, Tenant, Team, Category, Name }.Select(Shout)]);

    private string Body => $"{Environment}/{Tenant}/{Team}/{Category}/{Name}";

    /// <summary>Puts a URI together; a blank team or <c>default</c> is <c>_</c>.</summary>
    public static Outcome<SecretUri> Of(string environment, string tenant, string team, string category, string name)
    {
        team = NormalizeTeam(team);
        foreach (var segment in new[] { environment, tenant, team, category, name })
        {
            if (!IsSegment(segment))
            {
                return Refused($"{environment}/{tenant}/{team}/{category}/{name}", "every segment must be 1 to 128 characters [a-z0-9._-], and neither `.` nor `..`");
            }
        }

        return new SecretUri(environment, tenant, team, category, name);
    }

    /// <summary>Reads a store URI, or the reference of a document. One that has not five segments is refused, not guessed at.</summary>
    public static Outcome<SecretUri> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scheme = text.StartsWith(Scheme, StringComparison.Ordinal) ? Scheme : References.SecretScheme;
        if (!text.StartsWith(scheme, StringComparison.Ordinal))
        {
            return Refused(text, $"it must start with {References.SecretScheme} or {Scheme}");
        }

        return text[scheme.Length..].Split('/') is [var environment, var tenant, var team, var category, var name]
            ? string.IsNullOrWhiteSpace(team) || IsSegment(team) ? Of(environment, tenant, team, category, name) : Refused(text, $"team `{team}` must be [a-z0-9._-]+")
            : Refused(text, "it must have five segments");
    }

    /// <summary>The URI as the store keeps it.</summary>
    public override string ToString() => Scheme + Body;

    internal static bool IsSegment(string text)
    {
        if (text.Length is 0 or > MaxSegmentLength || text is "." or "..")
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    internal static string NormalizeTeam(string team) =>
        string.IsNullOrWhiteSpace(team) || team.Trim().Equals("default", StringComparison.OrdinalIgnoreCase) ? SecretPath.DefaultTeam : team.Trim();

    private static string Shout(string segment) =>
        string.Create(segment.Length, segment, static (shouted, text) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                shouted[i] = char.IsAsciiLetterOrDigit(text[i]) ? char.ToUpperInvariant(text[i]) : '_';
            }
        });

    private static Refusal.InvalidArgument Refused(string found, string why) => new($"the secret's address is not usable: {why}")
    {
        Details = [new("expected", "secret://<env>/<tenant>/<team>/<pack>/<name>"), new("found", found.Length <= 200 ? found : $"{found[..200]}…")],
    };
}
