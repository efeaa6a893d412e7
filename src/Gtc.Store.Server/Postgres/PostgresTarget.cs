using System.Globalization;
using System.Net;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>Which database, and as whom: <c>postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full&amp;sslrootcert=FILE</c>, or <c>postgres:///DATABASE?host=/run/postgresql&amp;user=USER</c> through a socket.</summary>
public sealed class PostgresTarget
{
    /// <summary>How many connections a server has for requests; two more listen and tell.</summary>
    public const int MaxConnections = 24;

    private const int DefaultPort = 5432;

    private readonly NpgsqlConnectionStringBuilder _settings;

    private PostgresTarget(NpgsqlConnectionStringBuilder settings) => _settings = settings;

    /// <summary>Whether the text held a password.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(_settings.Password);

    /// <summary>Parses a URL.</summary>
    /// <returns>The target; or what is wrong, without the text, which may hold a password.</returns>
    public static Outcome<PostgresTarget> Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Fragment.Length > 0)
        {
            return Wrong("it is no URL of the form postgres://USER@HOST:PORT/DATABASE");
        }

        var user = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? DefaultPort : uri.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
            ApplicationName = "gtc-store",
            MaxPoolSize = MaxConnections + 2,
            Timeout = 10,
            CommandTimeout = 20,
            KeepAlive = 10,
            MaxAutoPrepare = 40,
            AutoPrepareMinUsages = 2,
            Options = "-c lock_timeout=15s -c idle_in_transaction_session_timeout=15s -c client_connection_check_interval=2s",
        };
        if (Apply(settings, uri.Query) is { } wrong)
        {
            return wrong;
        }

        if (string.IsNullOrEmpty(settings.Host) || settings.Database.Length == 0 || string.IsNullOrEmpty(settings.Username))
        {
            return Wrong("it must name a user, a host and a database");
        }

        if (!uri.Query.Contains("sslmode=", StringComparison.Ordinal))
        {
            settings.SslMode = IsNear(settings.Host) ? SslMode.Disable : SslMode.Require;
        }

        return new PostgresTarget(settings);
    }

    /// <summary>The database without a password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"postgres://{_settings.Username}@{_settings.Host}:{_settings.Port}/{_settings.Database}");

    internal NpgsqlDataSource CreateSource()
    {
        var builder = new NpgsqlSlimDataSourceBuilder(_settings.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }

    private static Refusal.InvalidArgument? Apply(NpgsqlConnectionStringBuilder settings, string query)
    {
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var first, var second] ? (first, Uri.UnescapeDataString(second)) : (pair, string.Empty);
            switch (name)
            {
                case "host" when value.StartsWith('/'):
                    settings.Host = value;
                    break;
                case "user" when value.Length > 0:
                    settings.Username = value;
                    break;
                case "sslmode" when Mode(value) is { } mode:
                    settings.SslMode = mode;
                    break;
                case "sslrootcert" when value.Length > 0:
                    settings.RootCertificate = value;
                    break;
                default:
                    return Wrong("its parameters are sslmode (disable, prefer, require, verify-ca, verify-full), sslrootcert (a file), and for a socket host (its folder) and user");
            }
        }

        return null;
    }

    private static SslMode? Mode(string text) => text switch
    {
        "disable" => SslMode.Disable,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => null,
    };

    private static bool IsNear(string host) => host.StartsWith('/') || host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Refusal.InvalidArgument Wrong(string why) => new($"the database cannot be taken: {why}") { Next = "gtc store serve --database postgres://gtc@db.example:5432/gtc?sslmode=verify-full" };
}
