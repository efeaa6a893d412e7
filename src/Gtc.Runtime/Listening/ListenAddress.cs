using System.Globalization;
using System.Net;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>Where the worker listens (worker-runtime.md §4): default, host_config, GREENTIC_GATEWAY_LISTEN_ADDR, PORT; the later wins.</summary>
/// <param name="EndPoint">Address and port; port 0 takes any free one.</param>
/// <param name="Warnings">What was given and not understood.</param>
public sealed record ListenAddress(IPEndPoint EndPoint, IReadOnlyList<string> Warnings)
{
    /// <summary>How many ports after the wanted one are tried when it is busy.</summary>
    public const int BumpAttempts = 10;

    /// <summary>Resolves the address.</summary>
    /// <param name="hostListenAddr">host_config.listen_addr or null.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static ListenAddress Resolve(string? hostListenAddr, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var warnings = new List<string>();
        var current = IPEndPoint.Parse(HostConfig.DefaultListenAddr);
        current = Apply("host_config.listen_addr", hostListenAddr, current, warnings);
        current = Apply("GREENTIC_GATEWAY_LISTEN_ADDR", variable("GREENTIC_GATEWAY_LISTEN_ADDR"), current, warnings);
        if (variable("PORT") is { } port && !string.IsNullOrWhiteSpace(port))
        {
            if (ushort.TryParse(port.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                current = new IPEndPoint(current.Address, number);
            }
            else
            {
                warnings.Add($"PORT `{port}` is not a port from 0 to 65535; {current} is kept");
            }
        }

        return new(current, warnings);
    }

    private static IPEndPoint Apply(string name, string? text, IPEndPoint current, List<string> warnings)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return current;
        }

        var trimmed = text.Trim();
        if (IPAddress.TryParse(trimmed, out var bare) && !trimmed.StartsWith('['))
        {
            return new IPEndPoint(bare, current.Port);
        }

        // IPEndPoint.TryParse takes a bare address as port 0; only a text with a port may come this far.
        if (trimmed.Contains(':', StringComparison.Ordinal) && !trimmed.EndsWith(']') && IPEndPoint.TryParse(trimmed, out var parsed))
        {
            return parsed;
        }

        warnings.Add($"{name} `{text}` is neither ip:port nor an ip address; {current} is kept");
        return current;
    }
}
