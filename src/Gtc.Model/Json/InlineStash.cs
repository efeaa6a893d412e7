using System.Buffers.Text;

namespace Gtc.Model;

/// <summary>
/// The object before the present one, kept inside it as <c>inline://</c> and the unpadded base64url of its compact JSON
/// (environment-model.md §4.3). What is stashed has no stash of its own, so a token never grows from change to change.
/// </summary>
public static class InlineStash
{
    /// <summary>What a token begins with.</summary>
    public const string Scheme = "inline://";

    /// <summary>The token of an object.</summary>
    public static string Of(ReadOnlySpan<byte> compactJson) => Scheme + Base64Url.EncodeToString(compactJson);

    /// <summary>Opens a token.</summary>
    /// <param name="token">The token, or null when there is none.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="of">Whose it is, for the refusal.</param>
    /// <returns>The object, or a conflict: without a token, or with one that cannot be read, there is nothing to go back to.</returns>
    internal static Outcome<T> Open<T>(string? token, DocumentKind<T> kind, string of)
        where T : class
    {
        if (token is null)
        {
            return new Refusal.Conflict($"{of} has nothing to go back to: rollback goes back one step, and only once");
        }

        if (!token.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return Unreadable(of, $"it does not begin with {Scheme}");
        }

        var text = token.AsSpan(Scheme.Length);
        if (!Base64Url.IsValid(text))
        {
            return Unreadable(of, "it is not base64url");
        }

        return kind.Parse(Base64Url.DecodeFromChars(text)).Match<Outcome<T>>(found => found, refusal => Unreadable(of, refusal.Message));
    }

    private static Refusal.Conflict Unreadable(string of, string why) => new($"what {of} was before cannot be read: {why}");
}
