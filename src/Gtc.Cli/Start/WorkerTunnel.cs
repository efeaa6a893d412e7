using Gtc.Model;

namespace Gtc.Cli.Start;

/// <summary>Whether a worker opens a tunnel, and with which program.</summary>
internal static class WorkerTunnel
{
    private const string Usual = "cloudflared";

    /// <summary>The program, or null for no tunnel.</summary>
    /// <param name="wanted">What <c>--cloudflared</c> says, or null.</param>
    /// <param name="binary">What <c>--cloudflared-binary</c> says, or null.</param>
    public static Outcome<string?> Resolve(string? wanted, string? binary) => (wanted, binary) switch
    {
        ("on", _) => binary ?? Usual,
        (null or "off", null) or ("off", _) => (string?)null,
        (null, _) => new Refusal.InvalidArgument("--cloudflared-binary says with what, and nothing says that a tunnel is wanted") { Next = $"gtc start --cloudflared on --cloudflared-binary {binary}" },
        _ => new Refusal.InvalidArgument($"--cloudflared must be `on` or `off`, `{wanted}` was given"),
    };
}
