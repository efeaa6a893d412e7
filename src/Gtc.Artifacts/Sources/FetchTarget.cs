using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Artifacts.Sources;

/// <summary>What a transfer is about, in the words of its refusals.</summary>
/// <param name="Attempted">What could not be done, e.g. <c>the bundle could not be pulled</c>.</param>
/// <param name="Address">Where, without secrets.</param>
/// <param name="Code">The error kind of worker-runtime.md §6.2, or null where that section does not apply.</param>
/// <param name="Next">What to do unless the failure knows better.</param>
internal sealed record FetchTarget(string Attempted, string Address, string? Code, string? Next)
{
    /// <summary>The refusal that ends a transfer.</summary>
    public Refusal Refuse(FetchException failure, long received, int attempts)
    {
        if (failure.Refusal is { } refusal)
        {
            return refusal;
        }

        var details = ImmutableArray.CreateBuilder<RefusalDetail>();
        details.Add(new("url", Address));
        if ((failure.Code ?? Code) is { } code)
        {
            details.Add(new("code", code));
        }

        if (failure.Status is { } status)
        {
            details.Add(new("status", status.ToString(CultureInfo.InvariantCulture)));
        }

        details.Add(new("bytes", received.ToString("N0", CultureInfo.InvariantCulture)));
        details.Add(new("attempts", attempts.ToString(CultureInfo.InvariantCulture)));
        details.Add(new("cause", failure.Message));
        return new Refusal.FetchFailed($"{Attempted}: {failure.Message}") { Details = details.ToImmutable(), Next = failure.Next ?? Next };
    }
}
