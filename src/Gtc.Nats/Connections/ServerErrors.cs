namespace Gtc.Nats;

/// <summary>What the texts of -ERR mean. The protocol has no codes for them.</summary>
internal static class ServerErrors
{
    private static readonly string[] Identity =
        ["authorization violation", "user authentication expired", "user authentication revoked", "account authentication expired", "authentication timeout", "authentication expired"];

    /// <summary>The error of a text.</summary>
    public static NatsError Read(string text, ServerAddress server) =>
        IsPermission(text) ? new(NatsErrorKind.PermissionDenied, text)
        : Identity.Any(known => text.StartsWith(known, StringComparison.OrdinalIgnoreCase)) ? new(NatsErrorKind.Unauthorized, $"{server} refused the credentials: {text}")
        : text.StartsWith("maximum payload violation", StringComparison.OrdinalIgnoreCase) ? new(NatsErrorKind.TooLarge, $"{server}: {text}")
        : text.StartsWith("slow consumer", StringComparison.OrdinalIgnoreCase) ? new(NatsErrorKind.SlowConsumer, $"{server} gave the connection up, it read too slowly: {text}")
        : new(NatsErrorKind.Protocol, $"{server}: {text}");

    /// <summary>True when the server keeps the connection.</summary>
    public static bool IsPermission(string text) => text.StartsWith("permissions violation", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes apart <c>Permissions Violation for Publish to "subject"</c>.</summary>
    public static (bool IsPublish, string Subject) Subject(string text)
    {
        var from = text.IndexOf('"', StringComparison.Ordinal);
        var to = from < 0 ? -1 : text.IndexOf('"', from + 1);
        return (text.Contains("for Publish", StringComparison.OrdinalIgnoreCase), to < 0 ? "" : text[(from + 1)..to]);
    }
}
