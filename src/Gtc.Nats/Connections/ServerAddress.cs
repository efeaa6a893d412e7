using System.Globalization;

namespace Gtc.Nats;

/// <summary>One server.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="WantsTls">Whether its URL asks for TLS.</param>
internal sealed record ServerAddress(string Host, int Port, bool WantsTls)
{
    public const int DefaultPort = 4222;

    /// <summary>Reads <c>[nats://|tls://]host[:port]</c>.</summary>
    public static NatsResult<ServerAddress> Parse(string url)
    {
        var text = url.Contains("://", StringComparison.Ordinal) ? url : $"nats://{url}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "nats" or "tls"
            && uri.Host.Length > 0
            && uri.UserInfo.Length == 0
            && uri.AbsolutePath is "" or "/"
            ? new ServerAddress(uri.DnsSafeHost, uri.IsDefaultPort ? DefaultPort : uri.Port, uri.Scheme == "tls")
            : new NatsError(NatsErrorKind.Invalid, $"`{url}` is no server: nats://HOST[:PORT] or tls://HOST[:PORT] was expected, credentials are given apart");
    }

    public bool Equals(ServerAddress? other) => other is not null && Host == other.Host && Port == other.Port;

    public override int GetHashCode() => HashCode.Combine(Host, Port);

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
