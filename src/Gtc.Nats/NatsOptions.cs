using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Nats;

/// <summary>How a connection is made and kept.</summary>
public sealed record NatsOptions
{
    /// <summary>The servers, e.g. <c>nats://10.0.0.4:4222</c>, <c>tls://nats.example</c> or <c>host:port</c>; the port is 4222 when not given.</summary>
    public ImmutableArray<string> Urls { get; init; } = ["nats://127.0.0.1:4222"];

    /// <summary>The name that the server shows for the connection.</summary>
    public string Name { get; init; } = "gtc";

    /// <summary>What subjects of answers begin with. A user whose permissions name its own inbox sets it, e.g. <c>_INBOX.pi-42</c>.</summary>
    public string InboxPrefix { get; init; } = "_INBOX";

    /// <summary>Who connects.</summary>
    public NatsCredentials Credentials { get; init; } = NatsCredentials.None;

    /// <summary>Asked before each connection instead of <see cref="Credentials"/>, when given.</summary>
    public NatsCredentialSource? CredentialSource { get; init; }

    /// <summary>How TLS is used.</summary>
    public NatsTls Tls { get; init; } = new();

    /// <summary>How long one server may take until it is connected.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for its answer when the call does not say.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the server is asked whether it is there; after two unanswered times the connection is given up.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait after the first failure; it doubles with each further one. The wait itself is random between zero and that.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The most that the longest wait becomes.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many bytes may wait to be sent before publishers wait.</summary>
    public int MaxUnsentBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How much is read at a time, in bytes. A quiet connection holds no buffer.</summary>
    public int ReceiveBufferBytes { get; init; } = 64 * 1024;

    /// <summary>Random numbers in [0, 1) for waits and the order of servers; tests give their own.</summary>
    public Func<double> Jitter { get; init; } = static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}

/// <summary>How TLS is used.</summary>
public sealed record NatsTls
{
    /// <summary>Insist on TLS; without it TLS is used when the server requires it or the URL begins with <c>tls://</c>.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Begin with TLS instead of a plain greeting, for servers and proxies that are set so.</summary>
    public bool ComesFirst { get; init; }

    /// <summary>The roots that are trusted instead of the machine's, or null.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The certificate that this side shows, or null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
