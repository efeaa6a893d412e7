using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Redis;

/// <summary>Where a server is and how it is spoken to.</summary>
public sealed record RedisOptions
{
    private const int DefaultPort = 6379;

    /// <summary>The host's name or address.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The path of a unix socket, which is then used in place of host and port; or null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>The user of an access list; null is the server's default one.</summary>
    public string? User { get; init; }

    /// <summary>The password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>The database's number.</summary>
    public int Database { get; init; }

    /// <summary>Whether TLS is spoken; the certificate must be good for <see cref="Host"/>.</summary>
    public bool UsesTls { get; init; }

    /// <summary>The only roots that a certificate may come from; null means those of the machine.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>How long a call waits for its reply.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a connection may take to stand, log in included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A reply that is this late beyond <see cref="CallTimeout"/> means that the server hangs: the connection is given up.</summary>
    public TimeSpan HangTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait after the first failed connection; doubled by each further one.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many calls may wait for replies; more are refused at once.</summary>
    public int MaxWaiting { get; init; } = 16 * 1024;

    /// <summary>How many bytes may wait to be sent; more are refused at once.</summary>
    public int MaxUnsentBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>What replies may take.</summary>
    public RedisLimits Limits { get; init; } = new();

    /// <summary>The place in words, without the password.</summary>
    public string Place => UnixSocket is not null ? $"unix:{UnixSocket}" : $"{(UsesTls ? "rediss" : "redis")}://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}/{Database.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The place; a record would print its password.</summary>
    public override string ToString() => Place;

    /// <summary>
    /// Reads <c>redis://[user:password@]host[:port][/database]</c>, <c>rediss://…</c> for TLS, or <c>unix:///path[?db=N]</c>.
    /// </summary>
    /// <param name="url">The URL.</param>
    /// <param name="options">What it says.</param>
    /// <param name="expected">What was expected, when it cannot be read; never what was found, which may hold a password.</param>
    public static bool TryParse(string url, out RedisOptions options, out string? expected)
    {
        options = new();
        expected = "redis://[user:password@]host[:port][/database], rediss://… for TLS, or unix:///path[?db=N]";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Fragment.Length > 0)
        {
            return false;
        }

        var user = uri.UserInfo.Split(':', 2);
        var isUnix = uri.Scheme == "unix";
        var number = isUnix ? uri.Query.Replace("?db=", "", StringComparison.Ordinal) : uri.AbsolutePath.Trim('/');
        if ((!isUnix && uri.Scheme is not ("redis" or "rediss"))
            || (!isUnix && (uri.Host.Length == 0 || uri.Query.Length > 0))
            || (isUnix && (uri.Host.Length > 0 || uri.AbsolutePath.Length < 2))
            || (number.Length > 0 && !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return false;
        }

        options = new()
        {
            Host = uri.IdnHost,
            Port = uri.Port > 0 ? uri.Port : DefaultPort,
            UnixSocket = isUnix ? Uri.UnescapeDataString(uri.AbsolutePath) : null,
            UsesTls = uri.Scheme == "rediss",
            User = user.Length == 2 && user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Database = number.Length > 0 ? int.Parse(number, CultureInfo.InvariantCulture) : 0,
        };
        expected = null;
        return true;
    }
}
