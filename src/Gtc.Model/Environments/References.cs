namespace Gtc.Model;

/// <summary>References that name an environment in their first segment: <c>secret://&lt;env&gt;/…</c>, <c>runtime://&lt;env&gt;/discovered/&lt;key&gt;</c> (environment-model.md §1.4).</summary>
public static class References
{
    /// <summary>The scheme of a secret reference.</summary>
    public const string SecretScheme = "secret://";

    /// <summary>The scheme of a reference to what a deployer discovers.</summary>
    public const string RuntimeScheme = "runtime://";

    /// <summary>The key of a <c>runtime://</c> reference.</summary>
    /// <returns>Null when it names another environment, or nothing.</returns>
    public static string? DiscoveredKey(string reference, string environment)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var prefix = $"{RuntimeScheme}{environment}/discovered/";
        return reference.StartsWith(prefix, StringComparison.Ordinal) && reference.Length > prefix.Length ? reference[prefix.Length..] : null;
    }

    /// <summary>Checks a secret reference.</summary>
    /// <returns>Null when it is well formed, else <c>MissingScheme</c>, <c>EmptyPath</c> or <c>EmptyEnvSegment</c>.</returns>
    public static string? CheckSecret(string reference, out string environment)
    {
        ArgumentNullException.ThrowIfNull(reference);
        environment = string.Empty;
        if (!reference.StartsWith(SecretScheme, StringComparison.Ordinal))
        {
            return "MissingScheme";
        }

        var body = reference[SecretScheme.Length..];
        if (body.Length == 0)
        {
            return "EmptyPath";
        }

        var slash = body.IndexOf('/', StringComparison.Ordinal);
        environment = slash < 0 ? body : body[..slash];
        return environment.Length == 0 ? "EmptyEnvSegment" : null;
    }
}
