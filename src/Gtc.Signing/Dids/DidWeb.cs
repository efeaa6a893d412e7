using System.Net;

namespace Gtc.Signing;

/// <summary>A decentralized identifier of the method <c>web</c>: a host name, and where on that host its document lies (w3c-ccg.github.io/did-method-web).</summary>
public sealed record DidWeb
{
    private const string Prefix = "did:web:";

    private const int MaxLength = 1024;

    private DidWeb(string text, Uri document)
    {
        Text = text;
        Document = document;
    }

    /// <summary>The identifier as it was given.</summary>
    public string Text { get; }

    /// <summary>Where its document is: <c>https://host/.well-known/did.json</c>, or <c>https://host/path/did.json</c>.</summary>
    public Uri Document { get; }

    /// <summary>Parses an identifier. The first part is a host name, <c>%3A</c> puts a port behind it; further parts are a path.</summary>
    /// <returns>The identifier, or <see cref="SigningError.MalformedDid"/>.</returns>
    public static SigningResult<DidWeb> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Malformed(text, "it does not start with did:web:");
        }

        var parts = text[Prefix.Length..].Split(':');
        var host = parts[0].Replace("%3a", "%3A", StringComparison.Ordinal).Split("%3A", 2) is [var name, var port] ? (Name: name, Port: port) : (Name: parts[0], Port: null);
        if (!IsHost(host.Name))
        {
            return Malformed(text, "its first part is not a host name");
        }

        if (host.Port is not null && (!ushort.TryParse(host.Port, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) || number == 0))
        {
            return Malformed(text, "the port behind %3A is not a number from 1 to 65535");
        }

        if (parts.Skip(1).Any(part => !IsSegment(part)))
        {
            return Malformed(text, "a part of its path is empty, a dot segment, or holds other characters than letters, digits, - . _ ~");
        }

        var path = parts.Length == 1 ? ".well-known" : string.Join('/', parts.Skip(1));
        return new DidWeb(text, new Uri($"https://{host.Name}{(host.Port is null ? "" : $":{host.Port}")}/{path}/did.json"));
    }

    private static bool IsHost(string name) =>
        name.Length is > 0 and <= 253
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-')
        && Uri.CheckHostName(name) == UriHostNameType.Dns
        && !IPAddress.TryParse(name, out _);

    private static bool IsSegment(string part) =>
        part is not ("" or "." or "..") && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~');

    private static SigningError.MalformedDid Malformed(string text, string why) => new(text.Length > 100 ? text[..100] : text, why);
}
