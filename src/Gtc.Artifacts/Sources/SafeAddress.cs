namespace Gtc.Artifacts.Sources;

/// <summary>Addresses as they may be shown: no user information, no query (signed URLs keep their secret there), no fragment.</summary>
internal static class SafeAddress
{
    public static string Of(Uri uri)
    {
        var shown = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return uri.Query.Length > 1 ? shown + "?…" : shown;
    }

    public static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
