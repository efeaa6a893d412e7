namespace Gtc.Model;

/// <summary>Converts between a document's <c>secret://</c> reference and a secret store's own address (environment-model.md §1.4).</summary>
public static class SecretAddress
{
    private const string StoreScheme = "secrets://";
    private const int Segments = 5;

    /// <summary>
    /// The store's address <c>secrets://env/tenant/team/category/name</c> of a reference. The default team is spelled <c>_</c>. A reference
    /// that has not exactly five segments of <c>[a-z0-9._-]+</c> is refused, not guessed at.
    /// </summary>
    public static Outcome<string> FromReference(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (References.CheckSecret(reference, out _) is { } complaint)
        {
            return Refused(reference, complaint);
        }

        var segments = reference[References.SecretScheme.Length..].Split('/');
        if (segments.Length != Segments)
        {
            return Refused(reference, $"{segments.Length} segments");
        }

        if (Array.Find(segments, segment => !IsSegment(segment)) is { } segment)
        {
            return Refused(reference, $"segment `{segment}`");
        }

        segments[2] = segments[2] == "default" ? "_" : segments[2];
        return StoreScheme + string.Join('/', segments);
    }

    /// <summary>The reference of a store's address.</summary>
    public static Outcome<string> ToReference(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.StartsWith(StoreScheme, StringComparison.Ordinal)
            ? References.SecretScheme + address[StoreScheme.Length..]
            : new Refusal.InvalidArgument($"`{address}` does not begin with {StoreScheme}");
    }

    /// <summary>The environment variable that stands for a store's address, e.g. <c>GREENTIC_SECRET__LOCAL__ACME____CAT__NAME</c>.</summary>
    public static Outcome<string> ToVariable(string address) => ToReference(address).Then<string>(reference =>
    {
        var segments = reference[References.SecretScheme.Length..].Split('/');
        return segments.Length == Segments
            ? "GREENTIC_SECRET__" + string.Join("__", segments.Select(Shout))
            : new Refusal.InvalidArgument($"`{address}` must have {Segments} segments");
    });

    private static bool IsSegment(string segment) =>
        segment.Length > 0 && segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');

    private static string Shout(string segment) => string.Concat(segment.ToUpperInvariant().Select(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) ? c : '_'));

    private static Refusal.InvalidArgument Refused(string reference, string found) =>
        new($"`{reference}` must be secret://env/tenant/team/category/name, each segment [a-z0-9._-]+") { Details = [new("found", found)] };
}
