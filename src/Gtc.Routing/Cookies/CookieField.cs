using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>Finds one cookie in a request (RFC 6265 §4.2).</summary>
public static class CookieField
{
    /// <summary>The value of the first cookie of a name; nothing when there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The cookie's name.</param>
    internal static ReadOnlySpan<byte> Find(in RequestView request, ReadOnlySpan<byte> name) =>
        request.TryFind("Cookie"u8, out var field) ? Find(field, name) : default;

    /// <summary>The value of the first cookie of a name; nothing when there is none.</summary>
    /// <param name="field">The value of the Cookie field.</param>
    /// <param name="name">The cookie's name.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
    {
        var rest = field;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)';');
            var pair = (end < 0 ? rest : rest[..end]).Trim((byte)' ');
            rest = end < 0 ? default : rest[(end + 1)..];
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name))
            {
                return pair[(name.Length + 1)..];
            }
        }

        return default;
    }
}
