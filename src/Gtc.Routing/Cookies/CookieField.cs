using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>Finds one cookie in a request (RFC 6265 §4.2).</summary>
internal static class CookieField
{
    /// <summary>The value of the first cookie of a name; nothing when there is none.</summary>
    public static ReadOnlySpan<byte> Find(in RequestView request, ReadOnlySpan<byte> name)
    {
        if (!request.TryFind("Cookie"u8, out var rest))
        {
            return default;
        }

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
