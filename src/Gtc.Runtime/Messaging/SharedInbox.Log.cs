using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <content>What it tells.</content>
internal sealed partial class SharedInbox
{
    private static partial class Log
    {
        [LoggerMessage(5027, LogLevel.Information, "The inbox lies in {Place}, where other workers go on with what this one leaves")]
        public static partial void Opened(ILogger logger, string place);

        [LoggerMessage(5028, LogLevel.Warning, "The Redis at {Place} writes no append-only file: messages that wait in it are lost when it crashes")]
        public static partial void NotDurable(ILogger logger, string place);

        [LoggerMessage(5029, LogLevel.Information, "{Count} chats of deployment {Deployment}, which no worker answered any more, are answered here now")]
        public static partial void TakenOver(ILogger logger, int count, DeploymentId deployment);

        [LoggerMessage(5030, LogLevel.Error, "A message for deployment {Deployment} is left to another worker, since it cannot be read here: {Reason}")]
        public static partial void NotRead(ILogger logger, DeploymentId deployment, string reason);

        [LoggerMessage(5035, LogLevel.Warning, "How far a message for deployment {Deployment} got is not written down: {Reason}")]
        public static partial void NotWritten(ILogger logger, DeploymentId deployment, string reason);

        [LoggerMessage(5036, LogLevel.Warning, "How far a message got cannot be written down yet, and is tried until it can: {Reason}")]
        public static partial void Insists(ILogger logger, string reason);

        [LoggerMessage(5031, LogLevel.Warning, "{Reason}; messages in it wait, and senders are asked to come again")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(5032, LogLevel.Information, "The inbox in {Place} answers again")]
        public static partial void Back(ILogger logger, string place);
    }
}
