using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator.Tests.Running;

[Collection("api server")]
public sealed class A_name_belongs_to_one(ApiServer api)
{
    private const string Lab = """{"matchLabels":{"group":"lab"}}""";
    private const string Other = "kube-public";

    [Fact]
    public async Task The_second_of_a_name_is_refused_until_the_first_is_gone()
    {
        await using var lab = await FleetLab.StartAsync(api);
        using (await NamespaceAsync(lab))
        {
        }

        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.ApplyAsync("hello", Lab);
        var first = ScoreHash.Of((await FirstEntryAsync(lab)).ShouldNotBeNull());
        await lab.ApplyAsync("hello", Lab, image: "docker.io/library/nginx:1.27", ns: Other);
        var refused = await lab.StatusAsync("hello", deployment => Accepted(deployment) is { Status: "False" }, Other);
        Accepted(refused)!.Reason.ShouldBe("NameConflict");
        Accepted(refused)!.Message.ShouldContain("default/hello");
        refused.Status!.Aggregate!.MatchedDeviceCount.ShouldBe(0);
        ScoreHash.Of((await lab.EntryAsync("pi-1", "hello"))!).ShouldBe(first);
        await EventAsync(lab, Other, "NameConflict");

        await lab.DeleteAsync("hello");
        await lab.GoneAsync("hello");
        await lab.StatusAsync("hello", deployment => Accepted(deployment) is { Status: "True" } && deployment.Status!.Aggregate!.MatchedDeviceCount == 1, Other);
    }

    [Fact]
    public async Task A_selector_that_is_not_valid_leaves_what_devices_have_alone()
    {
        await using var lab = await FleetLab.StartAsync(api);
        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.ApplyAsync("hello", Lab);
        var entry = (await FirstEntryAsync(lab)).ShouldNotBeNull();
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, ScoreHash.Of(entry));
        await lab.CountsAsync("hello", 1, 1, 0);
        await lab.ApplyAsync("hello", """{"matchLabels":{"group":"_wrong_"}}""", image: "docker.io/library/nginx:1.27");
        var refused = await lab.StatusAsync("hello", deployment => Accepted(deployment) is { Status: "False" });
        Accepted(refused)!.Reason.ShouldBe("InvalidSelector");
        refused.Status!.Aggregate!.ShouldSatisfyAllConditions(counts => counts.MatchedDeviceCount.ShouldBe(1), counts => counts.Succeeded.ShouldBe(1));
        (await lab.EntryAsync("pi-1", "hello")).ShouldBe(entry);

        // The same holds for an operator that starts then.
        await lab.StopOperatorAsync();
        lab.StartOperator();
        await lab.ApplyAsync("marker", Lab);
        await lab.ManifestAsync("pi-1", "hello", "marker");
        (await lab.EntryAsync("pi-1", "hello")).ShouldBe(entry);
        await lab.ApplyAsync("hello", Lab, image: "docker.io/library/nginx:1.27");
        await lab.StatusAsync("hello", deployment => Accepted(deployment) is { Status: "True" } && deployment.Status!.Aggregate!.Pending == 1);
    }

    private static ResourceCondition? Accepted(FleetDeployment deployment) => deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Accepted");

    private static async Task<byte[]?> FirstEntryAsync(FleetLab lab)
    {
        await lab.ManifestAsync("pi-1", "hello");
        return await lab.EntryAsync("pi-1", "hello");
    }

    private static async Task<IDisposable?> NamespaceAsync(FleetLab lab) =>
        (await lab.Client.ApplyAsync(
            System.Text.Json.JsonElement.Parse($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{Other}}}"}}"""), "test", isForced: true, isDryRun: false, TestContext.Current.CancellationToken)).Value;

    private static async Task EventAsync(FleetLab lab, string ns, string reason)
    {
        var events = (await lab.Client.ListAsync(KubeKind.Of("v1", "Event")!, ns, null, TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();
        events.Items.ShouldContain(item => item.GetProperty("reason").GetString() == reason && item.GetProperty("involvedObject").GetProperty("name").GetString() == "hello");
    }
}
