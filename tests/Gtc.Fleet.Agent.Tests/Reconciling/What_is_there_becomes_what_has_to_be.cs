using Gtc.Fleet.Agent.Reconciling;

namespace Gtc.Fleet.Agent.Tests.Reconciling;

public sealed class What_is_there_becomes_what_has_to_be
{
    [Theory]
    [InlineData("", "running", 0, "keep")]
    [InlineData("", "exited", 0, "start")]
    [InlineData("", "created", 0, "start")]
    [InlineData("", "stopped", 0, "start")]
    [InlineData("", "stopping", 0, "keep")]
    [InlineData(",\"restart\":\"no\"", "exited", 0, "keep")]
    [InlineData(",\"restart\":\"no\"", "exited", 3, "keep")]
    [InlineData(",\"restart\":\"no\"", "created", 0, "start")]
    [InlineData(",\"restart\":\"onfailure\"", "exited", 0, "keep")]
    [InlineData(",\"restart\":\"onfailure\"", "exited", 3, "start")]
    public void One_container_by_its_state_and_restart_policy(string more, string state, int exitCode, string expected)
    {
        var desired = Desired.Read("web", Desired.Service("a", more));

        Words(ServiceDiff.Plan(desired.Services, [Desired.Container("web", desired.Services[0], state, exitCode)])).ShouldBe([$"{expected} a"]);
    }

    [Fact]
    public void Only_services_that_changed_are_made_anew_and_what_nobody_wants_goes_first()
    {
        var before = Desired.Read("web", $"{Desired.Service("a")},{Desired.Service("b")},{Desired.Service("c")}");
        var after = Desired.Read("web", $"{Desired.Service("d")},{Desired.Service("b", image: "docker.io/library/nginx:2")},{Desired.Service("a")}");

        Words(ServiceDiff.Plan(after.Services, [.. before.Services.Select(service => Desired.Container("web", service))])).ShouldBe(["remove c", "make d over 0", "make b over 1", "keep a"]);
    }

    [Fact]
    public void A_service_with_two_containers_gets_one()
    {
        var desired = Desired.Read("web", Desired.Service("a"));
        var container = Desired.Container("web", desired.Services[0]);

        Words(ServiceDiff.Plan(desired.Services, [container, container with { Id = "other" }])).ShouldBe(["make a over 2"]);
    }

    [Fact]
    public void A_file_is_part_of_the_service_that_mounts_it_and_of_no_other()
    {
        string Files(string content) => $",\"files\":[{{\"path\":\"conf/a.txt\",\"content\":\"{content}\"}}]";
        string Services(string mount) => $"{Desired.Service("a", $",\"volumes\":[\"{mount}\"]")},{Desired.Service("b")}";
        foreach (var mount in (string[])["./conf/a.txt:/a:ro", "./conf:/a:ro", "./:/a:ro"])
        {
            var one = Desired.Read("web", Services(mount), Files("one"));
            var two = Desired.Read("web", Services(mount), Files("two"));

            one.Services[0].SpecHash.ShouldNotBe(two.Services[0].SpecHash);
            one.Services[1].SpecHash.ShouldBe(two.Services[1].SpecHash);
        }
    }

    private static IEnumerable<string> Words(IEnumerable<ServiceAction> plan) => plan.Select(action => action switch
    {
        ServiceAction.Keep keep => $"keep {keep.Service.Name}",
        ServiceAction.Start start => $"start {start.Service.Name}",
        ServiceAction.Make { Old.IsEmpty: true } make when make.Service.Name == "a" => "make a",
        ServiceAction.Make make => $"make {make.Service.Name} over {make.Old.Length}",
        ServiceAction.Remove remove => $"remove {remove.Container.Service}",
        _ => "?",
    });
}
