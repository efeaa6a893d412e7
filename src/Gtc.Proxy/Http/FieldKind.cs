using System.Text;

namespace Gtc.Proxy.Http;

/// <summary>What a field means to a proxy.</summary>
internal enum FieldKind : byte
{
    /// <summary>It is passed on as it is.</summary>
    Other,
    Host,
    Connection,
    ContentLength,
    TransferEncoding,
    Upgrade,
    Expect,

    /// <summary>TE: for this hop alone, but that the client takes trailers is told to the next one too.</summary>
    Te,

    /// <summary>X-Forwarded-For.</summary>
    ForwardedFor,

    /// <summary>X-Forwarded-Proto, X-Forwarded-Host and Forwarded (RFC 7239).</summary>
    Forwarding,

    /// <summary>It is for this hop alone (RFC 9110 §7.6.1): Keep-Alive, Proxy-Connection, Proxy-Authorization, or one that Connection names.</summary>
    HopByHop,
}

/// <summary>Knows fields by their names.</summary>
internal static class FieldKinds
{
    /// <summary>The kind of a field.</summary>
    public static FieldKind Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Is(name, "te"u8) => FieldKind.Te,
        4 when Is(name, "host"u8) => FieldKind.Host,
        6 when Is(name, "expect"u8) => FieldKind.Expect,
        7 when Is(name, "upgrade"u8) => FieldKind.Upgrade,
        9 when Is(name, "forwarded"u8) => FieldKind.Forwarding,
        10 when Is(name, "connection"u8) => FieldKind.Connection,
        10 when Is(name, "keep-alive"u8) => FieldKind.HopByHop,
        14 when Is(name, "content-length"u8) => FieldKind.ContentLength,
        15 when Is(name, "x-forwarded-for"u8) => FieldKind.ForwardedFor,
        16 when Is(name, "x-forwarded-host"u8) => FieldKind.Forwarding,
        16 when Is(name, "proxy-connection"u8) => FieldKind.HopByHop,
        17 when Is(name, "x-forwarded-proto"u8) => FieldKind.Forwarding,
        17 when Is(name, "transfer-encoding"u8) => FieldKind.TransferEncoding,
        19 when Is(name, "proxy-authorization"u8) => FieldKind.HopByHop,
        _ => FieldKind.Other,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
