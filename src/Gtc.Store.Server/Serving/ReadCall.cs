using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Store.Server;

/// <summary>A request that changes nothing, of a caller who may make it.</summary>
internal sealed record ReadCall
{
    /// <summary>The storage.</summary>
    public required IEnvironmentStorage Storage { get; init; }

    /// <summary>The server's key.</summary>
    public required OperatorKeyFile OperatorKey { get; init; }

    /// <summary>The environment of the path; null where the path has none.</summary>
    public required EnvId? PathEnvironment { get; init; }

    /// <summary>Who asks.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The request.</summary>
    public required HttpRequest Request { get; init; }

    /// <summary>Measures waits.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The server's numbers.</summary>
    public required ServerMeter Meter { get; init; }

    /// <summary>Fires when there is nothing more to wait for: the server stops, or the caller may no longer see what comes.</summary>
    public required CancellationToken Over { get; init; }

    /// <summary>The environment of the path.</summary>
    public EnvId Environment => PathEnvironment ?? throw new InvalidOperationException("The route has no environment in its path.");

    /// <summary>A query parameter as a number within bounds, or what stands for none.</summary>
    public Outcome<ulong?> Number(string name, ulong least, ulong most)
    {
        if (!Request.Query.TryGetValue(name, out var texts))
        {
            return (ulong?)null;
        }

        return texts.Count == 1 && ulong.TryParse(texts[0], System.Globalization.NumberStyles.None, null, out var value) && value >= least && value <= most
            ? value
            : new Refusal.InvalidArgument($"query parameter {name} must be a whole number from {least} to {most}");
    }

    /// <summary>A query parameter, or null.</summary>
    public Outcome<string?> Text(string name) => !Request.Query.TryGetValue(name, out var texts) ? (string?)null
        : texts is [{ Length: > 0 and <= 255 } one] ? one
        : new Refusal.InvalidArgument($"query parameter {name} must be given once, with 1 to 255 characters");
}
