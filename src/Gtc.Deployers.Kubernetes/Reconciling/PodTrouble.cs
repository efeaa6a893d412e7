using System.Text.Json;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Why a pod will never get ready as it is.</summary>
internal static class PodTrouble
{
    private const int ManyRestarts = 3;

    /// <summary>The reason, null when waiting may help.</summary>
    public static string? Of(JsonElement pod) => pod.Meta("deletionTimestamp") is not null
        ? null
        : pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses")).Select(Trouble).FirstOrDefault(why => why is not null);

    /// <summary>Whether a pod was made as its Deployment says now; one of before may fail as it likes.</summary>
    public static bool IsOfTemplate(JsonElement pod, JsonElement deployment) => Holds(deployment.At("spec", "template", "spec"), pod.At("spec"))
        && Holds(deployment.At("spec", "template", "metadata", "annotations"), pod.At("metadata", "annotations"));

    private static bool Holds(JsonElement template, JsonElement made) => template.ValueKind == JsonValueKind.Undefined || made.ValueKind == JsonValueKind.Undefined || FieldDiff.Of(template, made).IsEmpty;

    private static string? Trouble(JsonElement container) => container.Text("state", "waiting", "reason") switch
    {
        "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" or "CreateContainerConfigError" or "CreateContainerError" => Why(container),
        "CrashLoopBackOff" when container.Number("restartCount") >= ManyRestarts => Why(container),
        _ => null,
    };

    private static string Why(JsonElement container)
    {
        var last = container.At("lastState", "terminated");
        var ended = last.Number("exitCode") is { } code ? $"; it ended with {code} {last.Text("message")}".TrimEnd() : "";
        return $"{container.Text("name")}: {container.Text("state", "waiting", "reason")}: {container.Text("state", "waiting", "message")}{ended}".ReplaceLineEndings(" ");
    }
}
