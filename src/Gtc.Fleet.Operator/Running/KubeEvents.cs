using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>Tells people by events of the cluster (<c>kubectl describe</c>) what a condition says in one word.</summary>
internal sealed partial class KubeEvents(KubeClient client, ApiBudget budget, string namespaceOfOwn, TimeProvider time, Func<double> jitter, ILogger logger)
{
    private const int MaxMessage = 1024;

    /// <summary>Warns about an object. An event that cannot be made is logged and nothing else: the condition says the same.</summary>
    public async Task WarnAsync(KubeKind kind, KubeKey about, string uid, string reason, string message, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var ns = about.Namespace ?? namespaceOfOwn;
        var suffix = ((long)(jitter() * long.MaxValue)).ToString("x16", CultureInfo.InvariantCulture);
        var item = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = $"{about.Name}.{suffix}", ["namespace"] = ns },
            ["involvedObject"] = new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["name"] = about.Name, ["namespace"] = about.Namespace, ["uid"] = uid },
            ["type"] = "Warning",
            ["reason"] = reason,
            ["message"] = message.Length <= MaxMessage ? message : message[..MaxMessage],
            ["source"] = new JsonObject { ["component"] = DeploymentController.Manager },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
        await budget.TakeAsync(ApiPriority.Status, cancellationToken);
        var made = await client.CreateAsync(JsonElement.Parse(item.ToJsonString()), DeploymentController.Manager, cancellationToken);
        made.Value?.Dispose();
        if (made.Error is { } error)
        {
            Log.NotTold(logger, about.ToString(), reason, error.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4959, LogLevel.Warning, "The event {Reason} of {About} could not be made: {Cause}")]
        public static partial void NotTold(ILogger logger, string about, string reason, string cause);
    }
}
