using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Fleet.Tests.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Rendering;

public sealed class Deployments_are_rendered
{
    private static readonly EnvironmentDocument Environment = ConformanceFixture.Environment();

    [Fact]
    public void The_bytes_are_those_of_the_golden_file()
    {
        var text = string.Join("---\n", FleetRenderer.Render(Environment, Settings()).Value.Select(item => YamlText.Of(KubeJson.ToElement(item))));
        var golden = Path.Combine(AppContext.BaseDirectory, "Rendering", "golden.yaml");
        if (System.Environment.GetEnvironmentVariable("GTC_WRITE_GOLDEN") is { Length: > 0 } source)
        {
            File.WriteAllText(Path.Combine(source, "golden.yaml"), text);
        }

        text.ShouldBe(File.ReadAllText(golden));
    }

    [Fact]
    public void A_container_starts_gtc_for_one_revision_with_its_environment_as_a_file()
    {
        var score = ScoreOf(FleetRenderer.Render(Environment, Settings()).Value[1]);
        var service = score.PodmanV0!.Services.Single();
        service.Command.ShouldBe(["start", "--env", "conformance", "--environment-file", "/etc/greentic/environment.json"]);
        service.Volumes.ShouldBe(["./environment.json:/etc/greentic/environment.json:ro"]);
        service.Ports.ShouldBe(["8080:8080"]);
        service.Env["GREENTIC_REVISION_ID"].ShouldBe(ConformanceFixture.RevisionA1.ToString());
        Documents.Environment.Parse(System.Text.Encoding.UTF8.GetBytes(score.PodmanV0.Files.Single().Content)).TryGet(out var document, out var refusal).ShouldBeTrue(refusal?.Message);
        EnvironmentRules.Validate(document!).ShouldBeNull();
        document!.Revisions.Select(revision => revision.RevisionId).ShouldBe([ConformanceFixture.RevisionA1]);
        RuntimeProjection.ProjectOnly(document, document.Revisions[0]).Revisions.Length.ShouldBe(1);
    }

    [Fact]
    public void Components_reach_what_the_answers_say()
    {
        var settings = Wanted.Settings(
            Environment.EnvironmentId, JsonElement.Parse("""{"device_selector":"site=a","ports":"shop:8080,blog:8081","component_egress":["api.example.com","10.0.0.0/8:9000"]}""")).Value with { Ports = Settings().Ports };
        ScoreOf(FleetRenderer.Render(Environment, settings).Value[1]).PodmanV0!.Services.Single().Env["GREENTIC_EGRESS"].ShouldBe("api.example.com,10.0.0.0/8:9000");
        ScoreOf(FleetRenderer.Render(Environment, Settings()).Value[1]).PodmanV0!.Services.Single().Env.ShouldNotContainKey("GREENTIC_EGRESS");
    }

    [Fact]
    public void What_was_discovered_goes_along_as_a_second_file()
    {
        PackDescriptor.TryParse("greentic.deployer.fleet@1.0.0", out var fleet).ShouldBeTrue();
        var bound = Environment with { Packs = [new EnvPackBinding { Slot = CapabilitySlot.Deployer, Kind = fleet, PackRef = "builtin" }] };
        var settings = Settings() with { Discovered = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("tone", JsonElement.Parse("3")) };
        var score = ScoreOf(FleetRenderer.Render(bound, settings).Value[1]).PodmanV0!;
        score.Services.Single().Volumes.ShouldBe(["./environment.json:/etc/greentic/environment.json:ro", "./runtime.json:/etc/greentic/runtime.json:ro"]);
        score.Services.Single().Env["GREENTIC_RUNTIME_PATH"].ShouldBe("/etc/greentic/runtime.json");
        var file = score.Files.Single(file => file.Path == "runtime.json");
        Documents.EnvironmentRuntime.Parse(System.Text.Encoding.UTF8.GetBytes(file.Content)).Value.Discovered["tone"].GetInt32().ShouldBe(3);
        ScoreOf(FleetRenderer.Render(bound, settings).Value[1]).PodmanV0!.Files.Single(again => again.Path == "runtime.json").Content.ShouldBe(file.Content);

        var without = ScoreOf(FleetRenderer.Render(bound, Settings()).Value[1]).PodmanV0!;
        without.Files.Length.ShouldBe(1);
        without.Services.Single().Env.ShouldNotContainKey("GREENTIC_RUNTIME_PATH");
    }

    [Fact]
    public void Two_deployments_with_one_port_are_refused()
    {
        var settings = Wanted.Settings(Environment.EnvironmentId, JsonElement.Parse("""{"device_selector":"site=a"}""")).Value;
        FleetRenderer.Render(Environment, settings).Refusal.ShouldNotBeNull().Message.ShouldContain("2 deployments would have port 8080");
    }

    [Fact]
    public void An_environment_that_is_too_large_for_a_device_is_refused()
    {
        var large = Environment with { Name = new string('n', 50_000) };
        FleetRenderer.Render(large, Settings()).Refusal.ShouldNotBeNull().Message.ShouldContain("49152");
    }

    [Theory]
    [InlineData("site=a", "site=a")]
    [InlineData("site=a, tier in (edge,store) ,!retired,gpu", "site=a,tier in (edge,store),!retired,gpu")]
    [InlineData("site!=a", "site notin (a)")]
    [InlineData("site==a", "site=a")]
    [InlineData("device-id", "device-id")]
    public void Devices_are_chosen_as_by_kubectl(string answered, string meant) => DeviceSelectors.Read(answered).Value.Compile().Value.ToString().ShouldBe(meant);

    [Theory]
    [InlineData("site in a")]
    [InlineData("=a")]
    [InlineData("a b")]
    public void What_is_no_selector_is_refused(string answered) => DeviceSelectors.Read(answered).Refusal.ShouldNotBeNull().Message.ShouldContain("device_selector");

    [Fact]
    public void Claims_are_read_back_from_selectors()
    {
        var devices = DeviceSelectors.Read("site=a,!retired").Value;
        foreach (var claim in (DeviceClaim[])[DeviceClaim.None, DeviceClaim.Own, DeviceClaim.AllBut([]), DeviceClaim.AllBut([ConformanceFixture.RevisionA2, ConformanceFixture.RevisionB])])
        {
            DeviceSelectors.Claim(DeviceSelectors.Of(devices, "greentic.ai/d", ConformanceFixture.RevisionA1, claim), "greentic.ai/d", ConformanceFixture.RevisionA1).ShouldBe(claim);
        }

        DeviceSelectors.Claim(new() { MatchExpressions = [new() { Key = "greentic.ai/d", Operator = "Exists" }] }, "greentic.ai/d", ConformanceFixture.RevisionA1).ShouldBe(new DeviceClaim.Strange());
    }

    [Fact]
    public void Names_differ_between_environments_and_fit_everywhere()
    {
        EnvId.TryParse("Conf.Env_1", out var one).ShouldBeTrue();
        EnvId.TryParse("conf-env-1", out var other).ShouldBeTrue();
        FleetNames.Deployment(one, ConformanceFixture.RevisionA1).ShouldNotBe(FleetNames.Deployment(other, ConformanceFixture.RevisionA1));
        FleetName.IsValid(FleetNames.Deployment(one, ConformanceFixture.RevisionA1)).ShouldBeTrue();
        LabelSyntax.IsKey(FleetNames.Label(one, ConformanceFixture.DeploymentA)).ShouldBeTrue();
    }

    private static FleetSettings Settings() => Wanted.Settings(Environment.EnvironmentId, JsonElement.Parse(Wanted.Answers("site=berlin,tier in (edge,store)"))).Value;

    private static ReconcileScore ScoreOf(KubeObject item) => ReconcileScore.Parse(KubeJson.ToElement(item).GetProperty("spec").GetProperty("score")).Value;
}
