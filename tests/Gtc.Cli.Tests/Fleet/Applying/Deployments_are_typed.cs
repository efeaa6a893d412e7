using System.Text.Json;

namespace Gtc.Cli.Tests.Fleet.Applying;

public class Deployments_are_typed
{
    [Fact]
    public async Task Printing_touches_nothing_and_writes_the_resource()
    {
        var resource = await PrintAsync("--to group=lab,rack=7 --to group=lab --to-expr !broken --port 8080:80 --env A=b --env C=d=e --strategy batched --batch-size 10%");

        JsonElement.DeepEquals(resource, JsonDocument.Parse("""
            {"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"hello-world","namespace":"fleet-demo"},
             "spec":{"targetSelector":{"matchLabels":{"group":"lab","rack":"7"},"matchExpressions":[{"key":"broken","operator":"DoesNotExist"}]},
              "score":{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:latest","ports":["8080:80"],"env":{"A":"b","C":"d=e"}}]}},
              "rollout":{"strategy":"Batched","batchSize":"10%"}}}
            """).RootElement).ShouldBeTrue(resource.GetRawText());
    }

    [Theory]
    [InlineData("nginx:1.26", "docker.io/library/nginx:1.26")]
    [InlineData("bitnami/nginx", "docker.io/bitnami/nginx")]
    [InlineData("localhost:5000/web:1", "localhost:5000/web:1")]
    [InlineData("registry.example/web@sha256:0000000000000000000000000000000000000000000000000000000000000000", "registry.example/web@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_short_image_is_written_in_full(string typed, string written) =>
        Service(await PrintAsync($"--target-device pi-42 --image {typed}")).GetProperty("image").GetString().ShouldBe(written);

    [Fact]
    public async Task One_device_is_a_label() =>
        (await PrintAsync("--target-device pi-42")).GetProperty("spec").GetProperty("targetSelector").GetProperty("matchLabels").GetProperty("device-id").GetString().ShouldBe("pi-42");

    [Theory]
    [InlineData("--print", "no devices were named")]
    [InlineData("--print --to group=lab,group=office", "twice")]
    [InlineData("--print --to group", "key=value")]
    [InlineData("--print --target-device Pi", "`pi` would be")]
    [InlineData("--print --to a=b --name Hello", "`hello` would be")]
    [InlineData("--print --to a=b --port 80", "hostPort:containerPort")]
    [InlineData("--print --to a=b --env A", "NAME=VALUE")]
    [InlineData("--print --to a=b --strategy soon", "Immediate or Batched")]
    [InlineData("--print --to a=b --strategy Batched", "size of a batch")]
    [InlineData("--print --to a=b --batch-size many", "percentage")]
    [InlineData("--print --to a=b --image Nginx", "lower case")]
    [InlineData("--print --to a=b --pull soon", "IfNotPresent")]
    public async Task What_no_device_could_run_is_refused_before_anything_is_sent(string flags, string message)
    {
        using var cli = new TestCli();

        var run = await cli.RunAsync($"fleet apply {flags} --format json");

        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        run.Message.ShouldContain(message);
    }

    [Fact]
    public async Task An_unknown_flag_is_a_mistake_of_usage()
    {
        using var cli = new TestCli();

        (await cli.RunAsync("fleet apply --target pi-42")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_cluster_it_is_said_how_to_name_one()
    {
        using var cli = new TestCli();

        var run = await cli.RunAsync("fleet apply --to group=lab --format json");

        run.Exit.ShouldBe(1);
        run.Message.ShouldContain("no cluster access");
    }

    private static async Task<JsonElement> PrintAsync(string flags)
    {
        using var cli = new TestCli();
        var words = flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var run = await cli.RunWordsAsync(["fleet", "apply", "--print", .. words]);
        run.Exit.ShouldBe(0, run.Stderr);
        return JsonDocument.Parse(run.Stdout).RootElement;
    }

    private static JsonElement Service(JsonElement resource) => resource.GetProperty("spec").GetProperty("score").GetProperty("PodmanV0").GetProperty("services")[0];
}
