using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <content>What it tells.</content>
internal sealed partial class Deliveries
{
    private static partial class Log
    {
        [LoggerMessage(5013, LogLevel.Error, "The inbox cannot be opened; messages in it wait, and senders are asked to come again: {Reason}")]
        public static partial void NotOpened(ILogger logger, string reason);

        [LoggerMessage(5014, LogLevel.Information, "{Count} messages that a former process took in are answered now")]
        public static partial void Resumed(ILogger logger, int count);

        [LoggerMessage(5015, LogLevel.Error, "A reply through {Provider} for deployment {Deployment} was not sent: {Reason}")]
        public static partial void NotSent(ILogger logger, string provider, DeploymentId deployment, string reason);

        [LoggerMessage(5016, LogLevel.Warning, "A message through {Provider} for deployment {Deployment} is not answered yet: {Reason}; tried again in {Seconds} s")]
        public static partial void TriedAgain(ILogger logger, string provider, DeploymentId deployment, string reason, double seconds);

        [LoggerMessage(5017, LogLevel.Error, "A message through {Provider} for deployment {Deployment} is given up: {Reason}")]
        public static partial void GivenUp(ILogger logger, string provider, DeploymentId deployment, string reason);

        [LoggerMessage(5033, LogLevel.Warning, "A message through {Provider} for deployment {Deployment} is left to another worker: {Reason}")]
        public static partial void Left(ILogger logger, string provider, DeploymentId deployment, string reason);

        [LoggerMessage(5018, LogLevel.Warning, "Flow {Flow} of revision {Revision} failed on a message: {Reason}")]
        public static partial void FlowFailed(ILogger logger, string flow, RevisionId revision, string reason);
    }
}
