namespace Gtc.Model;

/// <summary>References that name an environment in their first segment: <c>secret://&lt;env&gt;/…</c> (environment-model.md §1.4).</summary>
public static class References
{
    /// <summary>The scheme of a secret reference.</summary>
    public const string SecretScheme = "secret://";

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
