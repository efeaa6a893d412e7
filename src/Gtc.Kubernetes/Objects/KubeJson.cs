using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Kubernetes;

/// <summary>The JSON of the API: camelCase, absent members left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NamespaceObject))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(ServiceAccount))]
[JsonSerializable(typeof(Role))]
[JsonSerializable(typeof(RoleBinding))]
[JsonSerializable(typeof(PolicyRule))]
[JsonSerializable(typeof(PodDisruptionBudget))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(StatefulSet))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(NetworkPolicy))]
[JsonSerializable(typeof(Ingress))]
[JsonSerializable(typeof(HttpRoute))]
[JsonSerializable(typeof(HorizontalPodAutoscaler))]
[JsonSerializable(typeof(ExternalSecret))]
[JsonSerializable(typeof(CustomObject))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class KubeJson : JsonSerializerContext
{
    /// <summary>An object as the API takes it: the same object always gives the same bytes.</summary>
    public static JsonElement ToElement(KubeObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JsonSerializer.SerializeToElement(source, source.GetType(), Default);
    }
}
