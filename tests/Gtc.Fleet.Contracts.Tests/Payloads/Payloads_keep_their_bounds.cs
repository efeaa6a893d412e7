namespace Gtc.Fleet.Contracts.Tests.Payloads;

public class Payloads_keep_their_bounds
{
    private static readonly DeviceId Pi = DeviceId.Parse("pi-42").Value;

    [Fact]
    public void Errors_are_cut_between_characters()
    {
        BoundedText.Error(new string('x', 600)).Length.ShouldBe(512);
        BoundedText.Error(new string('x', 511) + "😀").ShouldBe(new string('x', 511));
        BoundedText.Error(new string('x', 510) + "😀").ShouldEndWith("😀");
        BoundedText.Cut("😀", 1).ShouldBe("");
    }

    [Fact]
    public void A_state_s_error_is_cut_when_it_is_set() =>
        new DeploymentState { DeviceId = Pi, Deployment = DeploymentName.Parse("b").Value, Phase = DeploymentPhase.Failed, LastError = new string('x', 9999) }.LastError!.Length.ShouldBe(512);

    [Fact]
    public void A_ring_keeps_the_newest_thirty_two()
    {
        var ring = new DeviceEvents { DeviceId = Pi, Events = [.. Enumerable.Range(0, 40).Select(number => Event($"{number}"))] };

        ring.Events.Length.ShouldBe(32);
        ring.Events[^1].Message.ShouldBe("39");
    }

    [Fact]
    public void Events_that_would_make_a_value_too_large_go_the_oldest_first()
    {
        var events = Enumerable.Range(0, 32).Select(number => Event(number + new string('\u0001', 512))).ToArray();

        var ring = new DeviceEvents { DeviceId = Pi, Events = [.. events] }.ToBytes();
        var state = new DeploymentState { DeviceId = Pi, Deployment = DeploymentName.Parse("b").Value, Phase = DeploymentPhase.Failed, RecentEvents = [.. events] }.ToBytes();

        ring.Length.ShouldBeLessThanOrEqualTo(FleetBounds.MaxValueBytes);
        var kept = DeviceEvents.Parse(ring).Value;
        kept.Events[^1].Message.ShouldStartWith("31");
        (kept.Events.Length + kept.Dropped).ShouldBe(32);
        state.Length.ShouldBeLessThanOrEqualTo(FleetBounds.MaxValueBytes);
    }

    private static DeviceEvent Event(string message) => new() { At = DateTimeOffset.UnixEpoch, Message = message };
}
