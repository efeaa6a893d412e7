using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using DeploymentStatus = Gtc.Fleet.Contracts.DeploymentStatus;

namespace Gtc.Fleet.Operator.Tests.Status;

public sealed class A_status_follows_from_counters
{
    private static readonly DateTimeOffset Now = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, 0, "False/Complete", "False/NoDevices", "False/NoFailures")]
    [InlineData(3, 0, 0, "True/WaitingForDevices", "False/NotAllRunning", "False/NoFailures")]
    [InlineData(3, 2, 1, "False/Complete", "False/NotAllRunning", "True/DeviceFailures")]
    [InlineData(3, 3, 0, "False/Complete", "True/AllRunning", "False/NoFailures")]
    public void Conditions_say_what_counters_say(long matched, long succeeded, long failed, string progressing, string available, string degraded)
    {
        var status = Of(new DeploymentCounts(matched, succeeded, failed, 0, null, []), null, Now);
        Words(status).ShouldBe([$"Progressing={progressing}", $"Available={available}", $"Degraded={degraded}"], ignoreOrder: true);
        (status.Aggregate!.Succeeded + status.Aggregate.Failed + status.Aggregate.Pending).ShouldBe(status.Aggregate.MatchedDeviceCount);
    }

    [Fact]
    public void Times_of_conditions_change_only_with_them()
    {
        var first = Of(new DeploymentCounts(2, 1, 0, 0, null, []), null, Now);
        var same = Of(new DeploymentCounts(2, 1, 0, 0, null, []), first, Now.AddHours(1));
        JsonElement.DeepEquals(StatusRules.ToElement(same), StatusRules.ToElement(first)).ShouldBeTrue();
        var other = Of(new DeploymentCounts(2, 2, 0, 0, null, []), first, Now.AddHours(2));
        other.Conditions!.Value.Single(condition => condition.Type == "Available").LastTransitionTime.ShouldBe(Now.AddHours(2));
        other.Conditions!.Value.Single(condition => condition.Type == "Degraded").LastTransitionTime.ShouldBe(Now);
    }

    [Fact]
    public void A_patch_names_what_is_gone()
    {
        var patch = Patch(null, Of(new DeploymentCounts(1, 1, 0, 0, null, []), null, Now));
        patch.GetProperty("aggregate").GetProperty("lastError").ValueKind.ShouldBe(JsonValueKind.Null);
        patch.GetProperty("rollout").ValueKind.ShouldBe(JsonValueKind.Null);
        patch.GetProperty("aggregate").GetProperty("failedDevices").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void What_another_version_wrote_is_left_alone()
    {
        var stored = Of(new DeploymentCounts(1, 1, 0, 0, null, []), null, Now) with { Unknown = new Dictionary<string, JsonElement> { ["later"] = JsonElement.Parse("1") } };
        StatusRules.Patch(StatusRules.ToElement(StatusRules.Known(stored)), StatusRules.ToElement(Of(new DeploymentCounts(1, 1, 0, 0, null, []), stored, Now))).ShouldBeNull();
        Patch(StatusRules.ToElement(StatusRules.Known(stored)), Of(new DeploymentCounts(2, 1, 0, 0, null, []), stored, Now)).TryGetProperty("later", out _).ShouldBeFalse();
    }

    [Fact]
    public void While_a_stream_is_read_anew_it_says_so() =>
        StatusRules.Of(Record, Verdict.Valid, null, new DeploymentCounts(2, 1, 0, 0, null, []), null, null, isResyncing: true, null, Now)
            .Conditions!.Value.ShouldContain(condition => condition.Type == "Progressing" && condition.Reason == "Resyncing");

    private static DeploymentRecord Record => new()
    {
        Key = new KubeKey("default", "hello"),
        Uid = "uid",
        Generation = 3,
        Created = default,
        IsDeleting = false,
        Finalizers = [],
        Verdict = Verdict.Valid,
    };

    private static DeploymentStatus Of(DeploymentCounts counts, DeploymentStatus? before, DateTimeOffset now) =>
        StatusRules.Of(Record, Verdict.Valid, null, counts, null, null, isResyncing: false, before, now);

    private static JsonElement Patch(JsonElement? before, DeploymentStatus status) => JsonElement.Parse(StatusRules.Patch(before, StatusRules.ToElement(status))!.Value.Span).GetProperty("status");

    private static IEnumerable<string> Words(DeploymentStatus status) =>
        status.Conditions!.Value.Where(condition => condition.Type != "Accepted").Select(condition => $"{condition.Type}={condition.Status}/{condition.Reason}");
}
