using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

internal sealed partial class BootSeam
{
    private static partial class Log
    {
        [LoggerMessage(4401, LogLevel.Information, "Pulled revision {Revision} from {Source}: {Bytes} bytes in {ElapsedMs} ms")]
        public static partial void Pulled(ILogger logger, RevisionId revision, string source, long bytes, double elapsedMs);

        [LoggerMessage(4402, LogLevel.Information, "Verified revision {Revision}: {Digest} is the pinned digest ({ElapsedMs} ms)")]
        public static partial void Verified(ILogger logger, RevisionId revision, Sha256Digest digest, double elapsedMs);

        [LoggerMessage(4403, LogLevel.Information, "Unpacked revision {Revision}: {Files} files, {Packs} packs in {ElapsedMs} ms")]
        public static partial void Unpacked(ILogger logger, RevisionId revision, int files, int packs, double elapsedMs);

        [LoggerMessage(4404, LogLevel.Information, "materialized {Count} revision(s) from bundle sources for env `{Environment}`")]
        public static partial void Materialized(ILogger logger, int count, EnvId environment);

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
