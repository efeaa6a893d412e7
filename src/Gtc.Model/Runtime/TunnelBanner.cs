namespace Gtc.Model;

/// <summary>The line in which a worker says where its tunnel is reached. It stands in the log of a worker's pod, where reconcile reads it (decision 31).</summary>
public static class TunnelBanner
{
    private const string Before = "public URL: ";
    private const string After = " (cloudflared tunnel)";

    /// <summary>The line of a tunnel that has been opened.</summary>
    /// <param name="url">Its address.</param>
    public static string Of(string url) => $"{Before}{url}{After}";

    /// <summary>The address of the tunnel that was opened last.</summary>
    /// <param name="log">What a worker has written.</param>
    /// <returns>An <c>https</c> address; null when no line tells of one.</returns>
    public static string? Last(string log)
    {
        ArgumentNullException.ThrowIfNull(log);
        string? last = null;
        foreach (var line in log.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Before, StringComparison.Ordinal) && line.EndsWith(After, StringComparison.Ordinal) && line.Length > Before.Length + After.Length
                && Uri.TryCreate(line[Before.Length..^After.Length].ToString(), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
            {
                last = address.GetLeftPart(UriPartial.Authority);
            }
        }

        return last;
    }
}
