namespace Gtc.Proxy;

/// <summary>What a backend is spoken to in.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/1.1 (RFC 9112).</summary>
    Http1,

    /// <summary>HTTP/2 without TLS and without asking first (RFC 9113 §3.3).</summary>
    Http2,
}
