namespace Gtc.Proxy.Http;

/// <summary>Why a head is refused.</summary>
internal enum HeadFault : byte
{
    Malformed,
    FieldsTooLarge,
    TargetTooLong,
    UnknownCoding,
    UnknownExpectation,
    UnknownVersion,
    Tunnel,

    /// <summary>It is the preface of HTTP/2 (RFC 9113 §3.4).</summary>
    Http2,
}
