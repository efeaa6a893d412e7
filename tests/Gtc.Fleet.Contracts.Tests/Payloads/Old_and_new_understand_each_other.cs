using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts.Tests.Payloads;

public class Old_and_new_understand_each_other
{
    [Fact]
    public void The_first_agents_states_are_read()
    {
        var state = DeploymentState.Parse("""{"device_id":"pi-42","deployment":"hello-world","phase":"Running","last_event_at":"2026-04-22T12:00:00.5Z","last_error":null}"""u8).Value;

        state.Phase.ShouldBe(DeploymentPhase.Running);
        state.ScoreHash.ShouldBeNull();
        state.Seq.ShouldBeNull();
        state.RecentEvents.ShouldBeEmpty();
    }

    [Fact]
    public void The_least_of_each_payload_is_enough()
    {
        DeviceInfo.Parse("""{"device_id":"pi-42"}"""u8).Value.Labels.ShouldBeEmpty();
        Heartbeat.Parse("""{"device_id":"pi-42","at":"2026-05-03T16:59:43Z"}"""u8).Value.Seq.ShouldBeNull();
        DeviceManifest.Parse("""{"rev":1}"""u8).Value.Entries.ShouldBeEmpty();
        DeviceEvents.Parse("""{"device_id":"pi-42"}"""u8).Value.Events.ShouldBeEmpty();
        DeploymentState.Parse("""{"device_id":"a","deployment":"b","phase":"Pending"}"""u8).Value.LastError.ShouldBeNull();
    }

    [Fact]
    public void Members_of_a_newer_version_are_kept_and_written_back()
    {
        var newer = """{"device_id":"pi-42","labels":{},"inventory":{"arch":"aarch64","gpu":{"name":"vc4"}},"tpm":true}""";

        Encoding.UTF8.GetString(DeviceInfo.Parse(Encoding.UTF8.GetBytes(newer)).Value.ToBytes()).ShouldBe(newer);
    }

    [Fact]
    public void An_absent_map_may_be_null() => DeviceInfo.Parse("""{"device_id":"pi-42","labels":null,"inventory":null}"""u8).Value.Labels.ShouldBeEmpty();

    [Fact]
    public void A_phase_or_severity_of_a_newer_version_is_the_mildest()
    {
        var state = DeploymentState.Parse("""{"device_id":"a","deployment":"b","phase":"Draining","recent_events":[{"at":"2026-05-03T16:59:43Z","severity":"Fatal","message":"m"}]}"""u8).Value;

        state.Phase.ShouldBe(DeploymentPhase.Pending);
        state.RecentEvents[0].Severity.ShouldBe(EventSeverity.Info);
    }

    [Fact]
    public void New_payloads_are_read_by_what_the_first_version_knew()
    {
        var state = new DeploymentState
        {
            DeviceId = DeviceId.Parse("a").Value,
            Deployment = DeploymentName.Parse("b").Value,
            Phase = DeploymentPhase.Failed,
            LastEventAt = DateTimeOffset.UnixEpoch,
            LastError = "x",
            ScoreHash = "sha256:00",
            Seq = 2,
        };

        var old = JsonSerializer.Deserialize<FirstState>(state.ToBytes()).ShouldNotBeNull();

        (old.DeviceId, old.Deployment, old.Phase, old.LastError).ShouldBe(("a", "b", "Failed", "x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"device_id":"Pi 42"}""")]
    [InlineData("""{"device_id":7}""")]
    [InlineData("""{"labels":{}}""")]
    [InlineData("""{"device_id":"a","device_id":"b"}""")]
    [InlineData("""{"device_id":"a","labels":{"x":1}}""")]
    [InlineData("""{"device_id":"a","updated_at":"yesterday"}""")]
    [InlineData("""{"device_id":"a","deep":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}""")]
    public void What_is_no_payload_is_refused_with_a_reason(string json)
    {
        var error = DeviceInfo.Parse(Encoding.UTF8.GetBytes(json)).Error.ShouldNotBeNull();

        error.Fault.ShouldBe(ContractFault.InvalidPayload);
        error.Message.ShouldNotContain('\n');
    }

    [Fact]
    public void What_is_larger_than_a_value_is_not_looked_at() =>
        DeviceInfo.Parse(new byte[FleetBounds.MaxValueBytes + 1]).Error.ShouldNotBeNull().Message.ShouldContain("at most 65536");

    private sealed record FirstState(
        [property: JsonPropertyName("device_id")] string DeviceId,
        [property: JsonPropertyName("deployment")] string Deployment,
        [property: JsonPropertyName("phase")] string Phase,
        [property: JsonPropertyName("last_event_at")] DateTimeOffset LastEventAt,
        [property: JsonPropertyName("last_error")] string? LastError);
}
