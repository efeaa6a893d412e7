using System.Text;
using Gtc.Proxy.Http;

namespace Gtc.Proxy;

/// <summary>What a policy sees of a request. It is valid while the policy is asked and no longer.</summary>
public readonly ref struct RequestView
{
    private readonly RequestHead _head;
    private readonly ReadOnlySpan<byte> _bytes;

    internal RequestView(RequestHead head, ReadOnlySpan<byte> bytes, PeerAddress peer)
    {
        _head = head;
        _bytes = bytes;
        Peer = peer;
    }

    /// <summary>Who sent it.</summary>
    public PeerAddress Peer { get; }

    /// <summary>The method.</summary>
    public ReadOnlySpan<byte> Method => _bytes[.._head.MethodLength];

    /// <summary>Path and query as sent; begins with a slash except for <c>OPTIONS *</c> and an absolute target without a path.</summary>
    public ReadOnlySpan<byte> Target => _bytes.Slice(_head.PathStart, _head.PathLength);

    /// <summary>The path as sent, without the query.</summary>
    public ReadOnlySpan<byte> Path => Target.IndexOf((byte)'?') is >= 0 and var query ? Target[..query] : Target;

    /// <summary>The host with its port, as sent; empty for HTTP/1.0 without one.</summary>
    public ReadOnlySpan<byte> Host => _bytes.Slice(_head.HostStart, _head.HostLength);

    /// <summary>Whether it asks for another protocol, e.g. a WebSocket.</summary>
    public bool IsUpgrade => _head.Upgrades;

    /// <summary>The value of the first field of a name; false when there is none.</summary>
    /// <param name="name">The name; letters' case does not matter.</param>
    /// <param name="value">The value.</param>
    public bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var field in _head.Fields.Fields)
        {
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(_bytes.Slice(field.Start, field.NameLength), name))
            {
                value = _bytes.Slice(field.ValueStart, field.ValueLength);
                return true;
            }
        }

        value = default;
        return false;
    }
}
