namespace Gtc.Flows;

/// <summary>What one HTTP request of a component may cost.</summary>
/// <param name="MaxTime">How long it may take, redirects and body included; a component may ask for less.</param>
/// <param name="MaxBodyBytes">The body of the request, and that of the response.</param>
/// <param name="MaxHeaderBytes">Names and values of the headers, of the request and of the response.</param>
/// <param name="MaxRedirects">Redirects that are followed where the component asks for it.</param>
public sealed record EgressLimits(TimeSpan MaxTime, int MaxBodyBytes, int MaxHeaderBytes, int MaxRedirects)
{
    /// <summary>30 seconds, 8 MiB, 32 KiB, 5 redirects.</summary>
    public static EgressLimits Standard { get; } = new(TimeSpan.FromSeconds(30), 8 << 20, 32 << 10, 5);
}
