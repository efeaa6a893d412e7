using System.Text;

namespace Gtc.Fleet.Contracts.Tests.Keys;

public class Keys_name_their_device
{
    private static readonly DeviceId Pi = DeviceId.Parse("pi-42").Value;
    private static readonly DeploymentName Hello = DeploymentName.Parse("hello-world").Value;

    [Fact]
    public void Keys_are_spelt_as_the_specification_says()
    {
        KvKeys.DesiredState(Pi, Hello).ShouldBe("pi-42.hello-world");
        KvKeys.Manifest(Pi).ShouldBe("pi-42._manifest");
        KvKeys.Info(Pi).ShouldBe("info.pi-42");
        KvKeys.Events(Pi).ShouldBe("events.pi-42");
        KvKeys.State(Pi, Hello).ShouldBe("state.pi-42.hello-world");
        KvKeys.Heartbeat(Pi).ShouldBe("heartbeat.pi-42");
    }

    [Fact]
    public void What_is_put_together_can_be_taken_apart()
    {
        KvKeys.TryParseDesired(KvKeys.DesiredState(Pi, Hello), out var device, out var deployment).ShouldBeTrue();
        (device, deployment).ShouldBe((Pi, Hello));
        KvKeys.TryParseDesired(KvKeys.Manifest(Pi), out device, out deployment).ShouldBeTrue();
        (device, deployment).ShouldBe((Pi, null));
        KvKeys.TryParseState(KvKeys.State(Pi, Hello), out device, out var reported).ShouldBeTrue();
        (device, reported).ShouldBe((Pi, Hello));
        KvKeys.TryParseInfo(KvKeys.Info(Pi), out device).ShouldBeTrue();
        KvKeys.TryParseEvents(KvKeys.Events(Pi), out device).ShouldBeTrue();
        KvKeys.TryParseHeartbeat(KvKeys.Heartbeat(Pi), out device).ShouldBeTrue();
        device.ShouldBe(Pi);
    }

    [Theory]
    [InlineData("state.pi-42.hello-world", true)]
    [InlineData("state.pi-42", false)]
    [InlineData("state..x", false)]
    [InlineData("state.pi-42.", false)]
    [InlineData("state.pi-42.a.b", false)]
    [InlineData("state.pi-42._events", false)]
    [InlineData("info.pi-42", false)]
    [InlineData("", false)]
    public void Bytes_and_text_agree_on_what_is_a_state_s_key(string key, bool isKey)
    {
        KvKeys.TryParseState(key, out _, out _).ShouldBe(isKey);
        KvKeys.TryParseState(Encoding.UTF8.GetBytes(key), out var device, out var deployment).ShouldBe(isKey);
        if (isKey)
        {
            Encoding.UTF8.GetString(device).ShouldBe("pi-42");
            Encoding.UTF8.GetString(deployment).ShouldBe("hello-world");
        }
    }

    [Theory]
    [InlineData("info.pi-42", true)]
    [InlineData("a/b=c_D-9", true)]
    [InlineData(".a", false)]
    [InlineData("a.", false)]
    [InlineData("a..b", false)]
    [InlineData("a b", false)]
    [InlineData("a*", false)]
    [InlineData("ä", false)]
    [InlineData("", false)]
    public void A_key_that_the_broker_would_drop_in_silence_is_told_before(string key, bool isValid) => KvKeys.IsValid(key).ShouldBe(isValid);

    [Fact]
    public void Everything_a_device_may_publish_or_hear_has_its_id_in_it()
    {
        var subjects = DeviceSubjects.Publish(Pi).Concat(DeviceSubjects.Subscribe(Pi)).ToList();

        subjects.ShouldAllBe(subject => subject.Split('.', StringSplitOptions.None).Contains("pi-42"));
        subjects.ShouldContain("$KV.device-info.events.pi-42");
        subjects.ShouldContain("$JS.API.DIRECT.GET.KV_desired-state.$KV.desired-state.pi-42.>");
        subjects.ShouldNotContain(subject => subject.StartsWith("$KV.desired-state", StringComparison.Ordinal));
    }
}
