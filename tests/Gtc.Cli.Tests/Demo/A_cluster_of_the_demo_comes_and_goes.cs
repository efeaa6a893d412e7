using Gtc.EnvPacks;

namespace Gtc.Cli.Tests.Demo;

public sealed class A_cluster_of_the_demo_comes_and_goes : IDisposable
{
    private readonly TestCli _cli = new();
    private readonly Kind _kind = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task With_kind_and_docker_it_is_made_by_kind_and_given_the_image()
    {
        var image = _cli.Write("image.tar", "an image");
        (await RunAsync("kind-up", "--image", image)).Code.ShouldBe(0);
        _kind.Calls.ShouldBe(
        [
            "kind version",
            "docker info",
            $"kind create cluster --name gtc-demo --kubeconfig {Kubeconfig} --wait 120s",
            $"kind load image-archive {image} --name gtc-demo",
        ]);
    }

    [Fact]
    public async Task A_second_one_is_refused_and_kind_down_takes_the_first_away()
    {
        var image = _cli.Write("image.tar", "an image");
        await RunAsync("kind-up", "--image", image);
        var second = await RunAsync("kind-up", "--image", image);
        second.Code.ShouldBe(1);
        second.Errors.ShouldContain("gtc demo kind-down");

        (await RunAsync("kind-down")).Code.ShouldBe(0);
        _kind.Calls[^1].ShouldBe($"kind delete cluster --name gtc-demo --kubeconfig {Kubeconfig}");
        (await RunAsync("kind-down")).Output.ShouldContain("no cluster of the demo is there");
    }

    [Fact]
    public async Task What_a_tool_said_last_is_told_when_it_fails()
    {
        _kind.Failing = "create";
        var run = await RunAsync("kind-up", "--image", _cli.Write("image.tar", "an image"));
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("ended with 1: no space left on device");
    }

    [Theory]
    [InlineData("kind-serve")]
    [InlineData("kind-pull")]
    public async Task Without_a_cluster_the_tracks_say_how_to_get_one(string track)
    {
        var run = await RunAsync(track);
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("gtc demo kind-up");
    }

    private string Kubeconfig => Path.Combine(_cli.Folder, ".greentic", "demo-cluster", "kind.kubeconfig");

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await GtcCommandLine.RunAsync(["demo", .. words], _cli.Context(output, errors) with { Tools = _kind }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>kind and Docker, as far as the demo asks them.</summary>
    private sealed class Kind : IToolRunner
    {
        public List<string> Calls { get; } = [];

        public string? Failing { get; set; }

        public Task<ToolRun?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        {
            Calls.Add($"{program} {string.Join(' ', arguments)}");
            if (arguments[0] == Failing)
            {
                return Task.FromResult<ToolRun?>(new ToolRun(1, "", "creating\nno space left on device\n"));
            }

            if (arguments[0] == "create")
            {
                File.WriteAllText(arguments[5], "a kubeconfig");
            }

            return Task.FromResult<ToolRun?>(new ToolRun(0, "", ""));
        }
    }
}
