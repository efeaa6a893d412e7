using System.Text.Json;

namespace Gtc.Fleet.Contracts.Tests.Resources;

public class Deployments_are_read_and_checked
{
    internal const string Full = """
        {"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment",
         "metadata":{"name":"hello-world","namespace":"fleet-demo","uid":"u","generation":2,"resourceVersion":"7","creationTimestamp":"2026-05-03T16:59:43Z",
           "deletionTimestamp":"2026-05-03T17:00:00Z","finalizers":["fleet.nationtech.io/desired-state-cleanup"],"labels":{"a":"b"},"annotations":{"c":"d"},"managedFields":[{"manager":"x"}]},
         "spec":{
           "targetSelector":{"matchLabels":{"group":"lab"},"matchExpressions":[{"key":"arch","operator":"In","values":["arm64"]}]},
           "score":{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26","ports":["8080:80"],"env":{"A":"b"},"command":["c"],"entrypoint":["e"],"volumes":["v:/v"],
             "restart":"always","pull":"IfNotPresent","network":"bridge","memory":"1Mi","cpus":1,"pids":1,"health":{"test":["t"],"interval":"1s","timeout":"1s","retries":1,"start":"1s"}}],
             "files":[{"path":"p","mode":"0644","content":"c"}]}},
           "rollout":{"strategy":"Batched","batchSize":"10%","maxUnavailable":5,"pauseOnFailedPercent":20},"paused":false},
         "status":{"observedGeneration":1,"observedScoreHash":"sha256:00",
           "aggregate":{"matchedDeviceCount":3,"succeeded":1,"failed":1,"pending":1,"lastError":{"deviceId":"pi-42","message":"m","at":"2026-05-03T16:59:43Z"},"stale":0,"failedDevices":["pi-42"]},
           "rollout":{"batch":1,"batches":2,"updated":3,"state":"Progressing"},
           "conditions":[{"type":"Available","status":"False","reason":"NotAllRunning","message":"m","lastTransitionTime":"2026-05-03T16:59:43Z","observedGeneration":2}]}}
        """;

    [Fact]
    public void A_resource_comes_back_as_it_was()
    {
        using var json = JsonDocument.Parse(Full);

        var deployment = FleetDeployment.Parse(json.RootElement).Value;

        deployment.FindProblems().ShouldBeEmpty();
        deployment.Metadata.DeletionTimestamp.ShouldNotBeNull();
        deployment.Spec.Rollout!.BatchSize.ShouldBe(IntOrPercent.Percent(10));
        deployment.Status!.Aggregate!.LastError!.DeviceId.ShouldBe("pi-42");
        var again = FleetDeployment.Parse(deployment.ToElement()).Value.ToElement();
        JsonElement.DeepEquals(deployment.ToElement(), again).ShouldBeTrue();
        again.GetProperty("metadata").GetProperty("managedFields")[0].GetProperty("manager").GetString().ShouldBe("x");
    }

    [Fact]
    public void The_score_of_a_resource_and_of_a_payload_have_the_same_bytes()
    {
        using var json = JsonDocument.Parse(Full);
        var score = FleetDeployment.Parse(json.RootElement).Value.Spec.Score;

        ReconcileScore.Parse(score.ToCanonicalBytes()).Value.ComputeHash().ShouldBe(score.ComputeHash());
    }

    [Theory]
    [InlineData("\"name\":\"hello-world\"", "\"name\":\"hello.world\"", ContractFault.InvalidName, "metadata.name")]
    [InlineData("\"operator\":\"In\"", "\"operator\":\"Near\"", ContractFault.InvalidSelector, "spec.targetSelector.matchExpressions[0].operator")]
    [InlineData("docker.io/library/nginx:1.26", "nginx", ContractFault.InvalidScore, "spec.score.PodmanV0.services[0].image")]
    [InlineData("\"PodmanV0\"", "\"OkdApplyV0\"", ContractFault.UnknownScore, "spec.score.OkdApplyV0")]
    [InlineData("\"strategy\":\"Batched\"", "\"strategy\":\"Soon\"", ContractFault.InvalidRollout, "spec.rollout.strategy")]
    [InlineData("\"batchSize\":\"10%\",", "", ContractFault.InvalidRollout, "spec.rollout.batchSize")]
    [InlineData("\"batchSize\":\"10%\"", "\"batchSize\":0", ContractFault.InvalidRollout, "spec.rollout.batchSize")]
    [InlineData("\"pauseOnFailedPercent\":20", "\"pauseOnFailedPercent\":101", ContractFault.InvalidRollout, "spec.rollout.pauseOnFailedPercent")]
    public void What_breaks_a_rule_is_told_with_its_place(string was, string becomes, ContractFault fault, string path)
    {
        using var json = JsonDocument.Parse(Full.Replace(was, becomes, StringComparison.Ordinal));

        var problem = FleetDeployment.Parse(json.RootElement).Value.FindProblems().ShouldHaveSingleItem();

        problem.Fault.ShouldBe(fault);
        problem.Path.ShouldBe(path);
    }

    [Theory]
    [InlineData("\"10%\"", "\"101%\"")]
    [InlineData("\"10%\"", "-1")]
    [InlineData("\"10%\"", "true")]
    [InlineData("\"restart\":\"always\"", "\"restart\":\"ever\"")]
    [InlineData("{\"group\":\"lab\"}", "7")]
    public void What_has_not_the_shape_is_no_deployment(string was, string becomes)
    {
        using var json = JsonDocument.Parse(Full.Replace(was, becomes, StringComparison.Ordinal));

        FleetDeployment.Parse(json.RootElement).Error.ShouldNotBeNull().Message.ShouldStartWith("no deployment of a fleet");
    }

    [Theory]
    [InlineData("5", 100, 5)]
    [InlineData("25%", 100, 25)]
    [InlineData("1%", 3, 1)]
    [InlineData("50%", 3, 2)]
    [InlineData("0%", 3, 0)]
    public void Shares_are_rounded_up(string text, long total, long devices) => IntOrPercent.Parse(text).ShouldNotBeNull().Of(total).ShouldBe(devices);

    [Fact]
    public void A_device_comes_back_as_it_was()
    {
        const string Device = """{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Device","metadata":{"name":"pi-42","labels":{"group":"lab"}},"spec":{"inventory":{"cpuCores":4,"memoryMb":7936,"agentVersion":"0.1.0"},"paused":true},"status":{"conditions":[],"lastHeartbeatTime":"2026-05-03T16:59:43Z","bootId":"b"}}""";
        using var json = JsonDocument.Parse(Device);

        FleetDevice.Parse(json.RootElement).Value.ToElement().GetRawText().ShouldBe(Device);
    }
}
