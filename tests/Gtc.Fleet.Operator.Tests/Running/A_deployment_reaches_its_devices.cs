using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Running;

[Collection("api server")]
public sealed class A_deployment_reaches_its_devices(ApiServer api)
{
    private const string Lab = """{"matchLabels":{"group":"lab"}}""";

    [Fact]
    public async Task Matching_devices_get_entry_and_manifest_and_their_reports_are_counted()
    {
        await using var lab = await FleetLab.StartAsync(api);
        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.DescribeAsync("pi-2", ("group", "lab"));
        await lab.DescribeAsync("pi-3", ("group", "office"));
        await lab.ApplyAsync("hello", Lab);
        var manifest = await lab.ManifestAsync("pi-1", "hello");
        await lab.ManifestAsync("pi-2", "hello");
        var bytes = (await lab.EntryAsync("pi-1", "hello")).ShouldNotBeNull();
        var hash = ScoreHash.Of(bytes);
        Encoding.UTF8.GetString(bytes).ShouldBe("""{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26"}]}}""");
        manifest.Entries[DeploymentName.Parse("hello").Value].Hash.ShouldBe(hash);
        (await lab.EntryAsync("pi-3", "hello")).ShouldBeNull();

        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, hash);
        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Failed, hash, "no such image");
        await lab.ReportAsync("pi-3", "hello", DeploymentPhase.Running, hash);
        var status = (await lab.CountsAsync("hello", matched: 2, succeeded: 1, failed: 1)).Status.ShouldNotBeNull();
        status.Aggregate!.LastError!.ShouldSatisfyAllConditions(error => error.DeviceId.ShouldBe("pi-2"), error => error.Message.ShouldBe("no such image"));
        status.ObservedScoreHash.ShouldBe(hash);
        Words(status).ShouldBe(["Accepted=True/Valid", "Progressing=False/Complete", "Available=False/NotAllRunning", "Degraded=True/DeviceFailures"]);

        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Running, hash);
        status = (await lab.CountsAsync("hello", 2, 2, 0)).Status!;
        status.Aggregate!.LastError.ShouldBeNull();
        Words(status).ShouldContain("Available=True/AllRunning");
    }

    [Fact]
    public async Task A_label_that_is_taken_away_takes_the_entry_along()
    {
        await using var lab = await FleetLab.StartAsync(api);
        await lab.DescribeAsync("pi-1");
        await lab.ApplyAsync("hello", """{"matchLabels":{"person":"wants-it"}}""");
        await lab.CountsAsync("hello", 0, 0, 0);
        await lab.DeviceAsync("pi-1", device => device.Metadata.Labels?["device-id"] == "pi-1");
        await lab.LabelAsync("pi-1", "person", "wants-it");
        await lab.ManifestAsync("pi-1", "hello");
        await lab.CountsAsync("hello", 1, 0, 0);
        await lab.LabelAsync("pi-1", "person", null);
        await lab.ManifestAsync("pi-1");
        (await lab.EntryAsync("pi-1", "hello")).ShouldBeNull();
        await lab.CountsAsync("hello", 0, 0, 0);
    }

    [Fact]
    public async Task A_deleted_deployment_goes_when_its_entries_are_gone()
    {
        await using var lab = await FleetLab.StartAsync(api);
        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.ApplyAsync("hello", Lab);
        await lab.ManifestAsync("pi-1", "hello");
        await lab.DeleteAsync("hello");
        await lab.GoneAsync("hello");
        (await lab.EntryAsync("pi-1", "hello")).ShouldBeNull();
        await lab.ManifestAsync("pi-1");
    }

    private static IEnumerable<string> Words(DeploymentStatus status) => status.Conditions!.Value.Select(condition => $"{condition.Type}={condition.Status}/{condition.Reason}");
}
