using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>The worker's logger factory: structured lines on standard error (sentences at a terminal) and in <c>logs/worker.log</c>.</summary>
public static class WorkerLogging
{
    /// <summary>Makes the factory. The framework's own categories are kept to warnings.</summary>
    /// <param name="console">Where lines go.</param>
    /// <param name="forPeople">Sentences instead of JSON.</param>
    /// <param name="folder">The log folder, or null for none.</param>
    /// <param name="minimum">The least level of gtc's own lines.</param>
    /// <param name="time">The clock.</param>
    public static ILoggerFactory Create(Stream console, bool forPeople, string? folder, LogLevel minimum, TimeProvider time)
    {
        var filters = new LoggerFilterOptions { MinLevel = minimum };
        filters.Rules.Add(new LoggerFilterRule(null, "Microsoft", LogLevel.Warning, null));
        filters.Rules.Add(new LoggerFilterRule(null, "System", LogLevel.Warning, null));
        return new LoggerFactory([new Provider(new LogSink(console, forPeople, folder), time)], filters);
    }

    private sealed class Provider(LogSink sink, TimeProvider time) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new JsonLineLogger(categoryName, time, sink);

        public void Dispose() => sink.Dispose();
    }
}
