using System.Net;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Where a store server is, and what to show it (store-server.md §11.1).</summary>
public sealed record StoreTarget
{
    private StoreTarget(Uri address, string? token) => (Address, Token) = (address, token);

    /// <summary>The address, with a trailing slash.</summary>
    public Uri Address { get; }

    /// <summary>The bearer token, or null. It is never printed.</summary>
    public string? Token { get; }

    /// <summary>Finds the server that is meant. A token that stands in the environment is only for the address that stands there too: it is never sent to one that was typed.</summary>
    /// <param name="url">The address as typed, or null.</param>
    /// <param name="token">The token that was given with it, read from a file, or null.</param>
    /// <param name="variable">Reads an environment variable: <c>GREENTIC_STORE_URL</c> and <c>GREENTIC_STORE_TOKEN</c>.</param>
    /// <returns>The server; null for the local store; or <see cref="Refusal.InvalidArgument"/>.</returns>
    public static Outcome<StoreTarget?> Find(string? url, string? token, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (Filled(url) is { } typed)
        {
            return Of(typed, Filled(token)).Then<StoreTarget?>(target => target);
        }

        return Filled(variable("GREENTIC_STORE_URL")) is { } standing
            ? Of(standing, Filled(token) ?? Filled(variable("GREENTIC_STORE_TOKEN"))).Then<StoreTarget?>(target => target)
            : (StoreTarget?)null;
    }

    /// <summary>An address and a token. A token does not travel in clear text over a network.</summary>
    public static Outcome<StoreTarget> Of(string url, string? token)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
            || address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return new Refusal.InvalidArgument($"`{url}` is not the address of a store server, e.g. https://store.example:8787");
        }

        if (token is not null && address.Scheme == Uri.UriSchemeHttp && !IsLoopback(address))
        {
            return new Refusal.InvalidArgument($"a token is not sent to {address.Host} in clear text") { Next = $"use https://{address.Authority}" };
        }

        return new StoreTarget(address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"), token?.Trim());
    }

    /// <summary>The address; never the token.</summary>
    public override string ToString() => Address.ToString();

    private static bool IsLoopback(Uri address) => address.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.IdnHost.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
