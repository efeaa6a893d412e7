using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <content>What it tells.</content>
internal sealed partial class ProviderWebhooks
{
    private static partial class Log
    {
        [LoggerMessage(5011, LogLevel.Error, "Provider {Provider} of revision {Revision} could not take a request in: {Reason}")]
        public static partial void NotUnderstood(ILogger logger, string provider, RevisionId revision, string reason);

        [LoggerMessage(5034, LogLevel.Warning, "{Count} events of provider {Provider} of revision {Revision} are left out: its route is for no messages, and no flow takes them")]
        public static partial void EventsLeftOut(ILogger logger, int count, string provider, RevisionId revision);

        [LoggerMessage(5012, LogLevel.Error, "A message through {Provider} could not be kept and its sender is asked to come again: {Reason}")]
        public static partial void NotTakenIn(ILogger logger, string provider, string reason);
    }
}
