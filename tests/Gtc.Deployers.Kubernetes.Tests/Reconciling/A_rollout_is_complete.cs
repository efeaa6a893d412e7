using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public class A_rollout_is_complete
{
    [Theory]
    [Trait("fact", "k8s-deployer:17.24")]
    [InlineData(2L, 1L, 1, 1, 1, false)]
    [InlineData(2L, 2L, 1, 2, 1, false)]
    [InlineData(2L, 2L, 1, 1, 1, true)]
    [InlineData(2L, null, 1, 1, 1, false)]
    [InlineData(1L, 1L, null, null, null, false)]
    [InlineData(1L, 2L, 1, 1, 0, false)]
    public void When_all_pods_are_new_and_available(long generation, long? observed, int? updated, int? replicas, int? available, bool expected) =>
        RolloutGate.IsComplete(generation, 1, new DeploymentStatus { ObservedGeneration = observed, UpdatedReplicas = updated, Replicas = replicas, AvailableReplicas = available }).ShouldBe(expected);

    [Fact]
    public void Not_before_the_server_has_said_anything() => RolloutGate.IsComplete(1, 1, null).ShouldBeFalse();
}
