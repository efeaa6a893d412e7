using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary>Checks the host values that a person gives, before they reach a document.</summary>
internal static class HostValues
{
    /// <summary>An <c>ip:port</c>, or null when none was given.</summary>
    public static Outcome<string?> ListenAddr(string? given) => given is null
        ? (string?)null
        : HostEndPoint.Parse("listen_addr", given).Then(parsed => (Outcome<string?>)parsed.ToString());

    /// <summary>A public origin, or null when none was given.</summary>
    public static Outcome<string?> PublicUrl(string? given) => given is null
        ? (string?)null
        : PublicBaseUrl.Parse(given).Match(
            url => (Outcome<string?>)url,
            refusal => new Refusal.InvalidArgument(refusal.Message) { Next = "gtc op env create --public-url https://chat.example.com" });
}
