using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Store;

/// <summary>Log lines of <c>gtc store</c>.</summary>
internal static partial class StoreLog
{
    /// <summary>The file store went on, and a person should know.</summary>
    [LoggerMessage(5058, LogLevel.Warning, "Environment {Environment}: {Warning}")]
    public static partial void Warned(ILogger logger, string environment, string warning);
}
