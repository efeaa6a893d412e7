using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Fleet.Contracts;

/// <summary>The custom resource <c>Deployment</c> of a fleet (fleet.md §2.1): a score for every device that a selector selects.</summary>
public sealed record FleetDeployment : KeepsUnknown
{
    /// <summary><see cref="FleetApi.GroupVersion"/>.</summary>
    public string ApiVersion { get; init; } = FleetApi.GroupVersion;

    /// <summary><see cref="FleetApi.DeploymentKind"/>.</summary>
    public string Kind { get; init; } = FleetApi.DeploymentKind;

    /// <summary>Name, namespace and the rest.</summary>
    public required ResourceMeta Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    [Field("What is wanted: which devices, and what they run.")]
    public required DeploymentSpec Spec { get; init; }

    /// <summary>What became of it.</summary>
    [Field("What became of it. Written by the operator, at most once a second.")]
    public DeploymentStatus? Status { get; init; }

    /// <summary>Reads a resource as the API server gives it. Rules beyond the shape are those of <see cref="FindProblems"/>.</summary>
    public static ContractResult<FleetDeployment> Parse(JsonElement json) => ResourceJson.Read(json, ResourceJson.Default.FleetDeployment, "deployment of a fleet");

    /// <summary>The resource as the API server takes it. The score is written in its canonical form, so what was never said is not written either.</summary>
    public JsonElement ToElement()
    {
        var resource = JsonSerializer.SerializeToNode(this, ResourceJson.Default.FleetDeployment)!;
        var spec = resource["spec"]!;
        spec["score"] = JsonNode.Parse(Spec.Score.ToCanonicalBytes());
        var selector = spec["targetSelector"]!.AsObject();
        RemoveEmpty(selector, "matchLabels", Spec.TargetSelector.MatchLabels.Count);
        for (var at = 0; at < Spec.TargetSelector.MatchExpressions.Length; at++)
        {
            RemoveEmpty(selector["matchExpressions"]![at]!.AsObject(), "values", Spec.TargetSelector.MatchExpressions[at].Values.Length);
        }

        RemoveEmpty(selector, "matchExpressions", Spec.TargetSelector.MatchExpressions.Length);
        using var document = JsonDocument.Parse(resource.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>Every rule that it breaks; none for one that can be given to devices.</summary>
    public IReadOnlyList<ContractError> FindProblems() => DeploymentRules.FindProblems(this);

    private static void RemoveEmpty(JsonObject item, string member, int count)
    {
        if (count == 0)
        {
            item.Remove(member);
        }
    }
}
