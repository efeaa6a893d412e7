using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>What workers and routers tell alike (dispatcher.md §5).</summary>
internal static partial class RevisionEvents
{
    [LoggerMessage(4701, LogLevel.Information, "runtime-config reloaded: {DeploymentsBefore} → {DeploymentsAfter} deployment(s), {RevisionsBefore} → {RevisionsAfter} revision(s)")]
    public static partial void Reloaded(ILogger logger, int deploymentsBefore, int deploymentsAfter, int revisionsBefore, int revisionsAfter);

    [LoggerMessage(4702, LogLevel.Error, "runtime-config reload failed: {Reason}")]
    public static partial void ReloadFailed(ILogger logger, string reason);

    [LoggerMessage(4713, LogLevel.Information, "HealthGatePassed: {Revision} of deployment {Deployment} (bundle {Bundle})")]
    public static partial void Passed(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle);

    [LoggerMessage(4714, LogLevel.Error, "HealthGateFailed: {Revision} of deployment {Deployment} (bundle {Bundle}) takes no requests: {Reason}")]
    public static partial void Failed(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, string reason);
}
