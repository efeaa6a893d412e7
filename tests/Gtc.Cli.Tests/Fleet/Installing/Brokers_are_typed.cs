using System.Text.Json;

namespace Gtc.Cli.Tests.Fleet.Installing;

public class Brokers_are_typed
{
    [Theory]
    [InlineData("", "Namespace ConfigMap Service Deployment")]
    [InlineData("--size 10Gi", "Namespace ConfigMap Service Service StatefulSet")]
    [InlineData("--preset clustered", "Namespace ConfigMap Service Service StatefulSet PodDisruptionBudget")]
    [InlineData("--preset supercluster --name paris --gateway lyon=nats://lyon.example:7222 --tls-secret gateways", "Namespace ConfigMap Service Service StatefulSet PodDisruptionBudget")]
    [InlineData("--preset leaf --name factory-7 --upstream nats-leaf://nats.example:7422", "Namespace ConfigMap Service Deployment")]
    public async Task A_preset_is_printed_as_a_list(string flags, string kinds)
    {
        var items = await PrintAsync($"fleet nats install --print {flags}");

        string.Join(' ', items.EnumerateArray().Select(item => item.GetProperty("kind").GetString())).ShouldBe(kinds);
    }

    [Theory]
    [InlineData("", "LoadBalancer")]
    [InlineData("--expose cluster-ip", "ClusterIP")]
    [InlineData("--expose node-port --node-port 30422", "NodePort")]
    [InlineData("--node-port 30422", "NodePort")]
    public async Task Exposure_is_a_flag(string flags, string type) =>
        (await PrintAsync($"fleet nats install --print {flags}")).EnumerateArray().First(item => item.GetProperty("kind").ValueEquals("Service")).GetProperty("spec").GetProperty("type").GetString().ShouldBe(type);

    [Theory]
    [InlineData("--expose node-port", "--node-port of 30000 to 32767")]
    [InlineData("--node-port 4222", "30000 to 32767")]
    [InlineData("--expose load-balancer --node-port 30422", "--expose node-port only")]
    [InlineData("--expose everywhere", "`everywhere`")]
    [InlineData("--preset huge", "`huge`")]
    [InlineData("--preset leaf", "--upstream")]
    [InlineData("--preset supercluster", "--tls-secret")]
    [InlineData("--replicas 3", "clustered")]
    [InlineData("--preset clustered --size much", "10Gi")]
    public async Task What_cannot_run_is_refused_before_anything_is_sent(string flags, string message)
    {
        using var cli = new TestCli();

        var run = await cli.RunAsync($"fleet nats install --print {flags} --format json");

        run.Exit.ShouldBe(1);
        run.Message.ShouldContain(message);
    }

    [Fact]
    public async Task The_operator_needs_an_image_and_the_definitions_do_not()
    {
        using var cli = new TestCli();

        (await cli.RunAsync("fleet install --print --format json")).Message.ShouldContain("--image");
        (await PrintAsync("fleet install --print --crds-only")).GetArrayLength().ShouldBe(2);
        (await PrintAsync("fleet install --print --image registry.example/gtc:1")).GetArrayLength().ShouldBe(10);
    }

    private static async Task<JsonElement> PrintAsync(string line)
    {
        using var cli = new TestCli();
        var run = await cli.RunAsync(line);
        run.Exit.ShouldBe(0, run.Stderr);
        return JsonDocument.Parse(run.Stdout).RootElement.GetProperty("items");
    }
}
