using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Tests.Reconciling;

public sealed class Small_rules_of_the_worker
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Waits_double_from_a_second_to_five_minutes_give_or_take_a_fifth()
    {
        Backoff.After(1, 0.5).ShouldBe(TimeSpan.FromSeconds(1));
        Backoff.After(2, 0.5).ShouldBe(TimeSpan.FromSeconds(2));
        Backoff.After(9, 0.5).ShouldBe(TimeSpan.FromSeconds(256));
        Backoff.After(10, 0.5).ShouldBe(TimeSpan.FromMinutes(5));
        Backoff.After(int.MaxValue, 0.5).ShouldBe(TimeSpan.FromMinutes(5));
        Backoff.After(1, 0).ShouldBe(TimeSpan.FromSeconds(0.8));
        Backoff.After(1, 1).ShouldBe(TimeSpan.FromSeconds(1.2));
    }

    [Fact]
    public void Three_ends_within_a_minute_are_a_loop()
    {
        var crashes = new CrashLoop();
        crashes.Ended("a", 0).ShouldBeFalse();
        crashes.Ended("a", 61 * Second).ShouldBeFalse();
        crashes.Ended("b", 61 * Second).ShouldBeFalse();
        crashes.Ended("a", 100 * Second).ShouldBeFalse();
        crashes.Ended("a", 120 * Second).ShouldBeTrue();
        crashes.Forget("a");
        crashes.Ended("a", 121 * Second).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, null, null, "Pending", "h1", null, true)]
    [InlineData("Pending", "h1", null, "Pending", "h1", null, false)]
    [InlineData("Pending", "h1", null, "Running", "h1", null, true)]
    [InlineData("Running", "h1", null, "Running", "h1", null, false)]
    [InlineData("Running", "h1", null, "Running", "h2", null, true)]
    [InlineData("Running", "h1", null, "Pending", "h1", null, true)]
    [InlineData("Running", "h1", null, "Failed", "h1", "e", true)]
    [InlineData("Failed", "h1", "e", "Failed", "h1", "e", false)]
    [InlineData("Failed", "h1", "e", "Failed", "h1", "other", true)]
    [InlineData("Failed", "h1", "e", "Pending", "h1", null, false)]
    [InlineData("Failed", "h1", "e", "Pending", "h2", null, true)]
    [InlineData("Failed", "h1", "e", "Running", "h1", null, true)]
    public void Only_what_is_new_is_told(string? before, string? hashBefore, string? errorBefore, string after, string hashAfter, string? errorAfter, bool expected) =>
        Phases.IsNew(before is null ? null : Enum.Parse<DeploymentPhase>(before), hashBefore, errorBefore, Enum.Parse<DeploymentPhase>(after), hashAfter, errorAfter).ShouldBe(expected);

    [Fact]
    public void A_service_becomes_what_podman_makes_a_container_of()
    {
        var desired = Desired.Read(
            "web",
            Desired.Service("a", ",\"ports\":[\"127.0.0.1:8080:80/udp\"],\"env\":{\"B\":\"2\",\"A\":\"1\"},\"volumes\":[\"keep:/data\",\"/srv:/srv:ro\",\"./x.json:/x.json:ro\"],\"restart\":\"onfailure\",\"memory\":\"64Mi\",\"cpus\":0.5,\"pids\":50,\"health\":{\"test\":[\"true\"],\"interval\":\"1m30s\"}"),
            ",\"files\":[{\"path\":\"x.json\",\"content\":\"{}\"}]");

        var spec = ContainerSpecs.Of(DeviceId.Parse("pi-42").Value, desired, desired.Services[0], "img", "/files/web", [new("nofile", 1, 1)], TimeSpan.FromSeconds(10));

        spec.Name.ShouldBe("fleet-web-a");
        spec.Image.ShouldBe("img");
        spec.PortMappings!.Value.ShouldBe([new("127.0.0.1", 8080, 80, "udp")]);
        spec.RestartPolicy.ShouldBe("on-failure");
        spec.Mounts!.Value.Select(mount => $"{mount.Source} {mount.Destination} {string.Join(',', mount.Options)}").ShouldBe(["/srv /srv rbind,ro", "/files/web/x.json /x.json rbind,ro"]);
        spec.Volumes!.Value.ShouldHaveSingleItem().Name.ShouldBe("keep");
        spec.ResourceLimits.ShouldBe(new(new(64 << 20), new(50_000, 100_000), new(50)));
        spec.HealthConfig!.Test.ShouldBe(["CMD", "true"]);
        spec.HealthConfig.Interval.ShouldBe(90 * Second);
        spec.StopTimeout.ShouldBe(10u);
        spec.Labels!["io.nationtech.fleet/device"].ShouldBe("pi-42");
        spec.Labels["io.nationtech.fleet/spec-sha256"].ShouldBe(desired.Services[0].SpecHash);
        spec.Labels["io.nationtech.fleet/score-sha256"].ShouldBe(desired.Hash);
    }
}
