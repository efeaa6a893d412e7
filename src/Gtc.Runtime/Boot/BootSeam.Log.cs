using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

internal sealed partial class BootSeam
{
    /// <remarks>
    /// The lines of every boot take objects: a line of values is a type of its own to the logging library, of which the ahead-of-time
    /// compiler knows nothing, and compiling it at start takes longer than writing the line.
    /// </remarks>
    private static partial class Log
    {
        [LoggerMessage(4404, LogLevel.Information, "materialized {Count} revision(s) from bundle sources for env `{Environment}`")]
        public static partial void Materialized(ILogger logger, object count, object environment);

        [LoggerMessage(4405, LogLevel.Error, "The routed revisions could not be brought to disk; the {Count} that were live before keep serving: {Reason}")]
        public static partial void OlderStays(ILogger logger, int count, string reason);

        [LoggerMessage(4406, LogLevel.Warning, "{Count} routed revision(s) are neither on this host nor pullable, so none is served; stage with bundle_source_uri to let workers pull")]
        public static partial void NothingOnDisk(ILogger logger, int count);

        [LoggerMessage(4407, LogLevel.Warning, "What is on disk is damaged and is pulled again: {Reason}")]
        public static partial void Damaged(ILogger logger, string reason);

        [LoggerMessage(4408, LogLevel.Information, "Creating environment `local` in {Folder}")]
        public static partial void CreatingLocal(ILogger logger, string folder);
    }
}
