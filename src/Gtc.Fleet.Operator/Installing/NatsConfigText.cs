using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Writes a <see cref="NatsConfig"/> as nats-server reads it. The same values always give the same text.</summary>
public sealed class NatsConfigText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    private NatsConfigText()
    {
    }

    /// <summary>The text.</summary>
    public static string Of(NatsConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var writer = new NatsConfigText();
        writer.Write(config);
        return writer._text.ToString();
    }

    private void Write(NatsConfig config)
    {
        // A variable is only replaced outside quotes.
        Line($"server_name: {(config.ServerName.StartsWith('$') ? config.ServerName : Quoted(config.ServerName))}");
        Text("listen", config.Listen);
        Text("http", config.Http);
        Block("jetstream", config.JetStream, jetStream =>
        {
            Text("store_dir", jetStream.StoreFolder);
            Number("max_memory_store", jetStream.MaxMemory);
            Number("max_file_store", jetStream.MaxFile);
            Text("domain", jetStream.Domain);
        });
        Block("cluster", config.Cluster, cluster =>
        {
            Text("name", cluster.Name);
            Text("listen", cluster.Listen);
            Texts("routes", cluster.Routes);
        });
        Block("gateway", config.Gateway, WriteGateway);
        Block("leafnodes", config.LeafNodes, WriteLeafNodes);
        Block("websocket", config.WebSocket, socket =>
        {
            Text("listen", socket.Listen);
            if (socket.Tls is null)
            {
                Line("no_tls: true");
            }

            WriteTls(socket.Tls);
        });
        WriteTls(config.Tls);
        WriteAccess(config);
        Number("max_connections", config.Limits?.MaxConnections);
        Number("max_payload", config.Limits?.MaxPayload);
        Number("max_subscriptions", config.Limits?.MaxSubscriptions);
    }

    private void WriteGateway(NatsGateway gateway)
    {
        Text("name", gateway.Name);
        Text("listen", gateway.Listen);
        WriteTls(gateway.Tls);
        if (!gateway.Gateways.IsEmpty)
        {
            Line("gateways: [");
            _depth++;
            foreach (var other in gateway.Gateways)
            {
                Line($"{{ name: {Quoted(other.Name)}, urls: [{string.Join(", ", other.Urls.Select(Quoted))}] }}");
            }

            _depth--;
            Line("]");
        }
    }

    private void WriteLeafNodes(NatsLeafNodes leaf)
    {
        Text("listen", leaf.Listen);
        if (!leaf.Remotes.IsEmpty)
        {
            Line("remotes: [");
            _depth++;
            foreach (var remote in leaf.Remotes)
            {
                Line($"{{ url: {Quoted(remote.Url)}{(remote.Credentials is null ? "" : $", credentials: {Quoted(remote.Credentials)}")} }}");
            }

            _depth--;
            Line("]");
        }
    }

    private void WriteAccess(NatsConfig config)
    {
        if (config.OperatorMode is { } mode)
        {
            Text("operator", mode.Operator);
            Text("system_account", mode.SystemAccount);
            Line("resolver: MEMORY");
            Block("resolver_preload", mode.Preload, preload =>
            {
                foreach (var (account, jwt) in preload)
                {
                    Text(account, jwt);
                }
            });
        }

        Block("authorization", config.Authorization, authorization =>
        {
            Text("user", authorization.Shared?.User);
            Text("password", authorization.Shared?.Password);
            Block("auth_callout", authorization.Callout, callout =>
            {
                Text("issuer", callout.Issuer);
                Text("account", callout.Account);
                Texts("auth_users", callout.AuthUsers);
                Text("xkey", callout.XKey);
            });
        });
    }

    private void WriteTls(NatsTls? tls) => Block("tls", tls, files =>
    {
        Text("cert_file", files.CertificateFile);
        Text("key_file", files.KeyFile);
        Text("ca_file", files.AuthorityFile);
        if (files.Verify)
        {
            Line("verify: true");
        }
    });

    private void Block<T>(string name, T? value, Action<T> write)
        where T : class
    {
        if (value is null)
        {
            return;
        }

        Line($"{name} {{");
        _depth++;
        write(value);
        _depth--;
        Line("}");
    }

    private void Text(string name, string? value)
    {
        if (value is not null)
        {
            Line($"{name}: {Quoted(value)}");
        }
    }

    private void Texts(string name, ImmutableArray<string> values)
    {
        if (!values.IsEmpty)
        {
            Line($"{name}: [{string.Join(", ", values.Select(Quoted))}]");
        }
    }

    private void Number(string name, long? value)
    {
        if (value is { } number)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"{name}: {number}"));
        }
    }

    private void Line(string text) => _text.Append(' ', _depth * 2).Append(text).Append('\n');

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
