using System.Globalization;
using System.Text.RegularExpressions;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Apply;

public partial class The_guide_works_as_typed
{
    [Fact]
    public async Task Every_command_of_it()
    {
        var root = TestBundles.RepositoryRoot();
        var guide = await File.ReadAllTextAsync(Path.Combine(root, "docs", "guides", "apply-a-manifest.md"), TestContext.Current.CancellationToken);
        using var cli = new TestCli();
        foreach (var file in Directory.GetFiles(Path.Combine(root, "samples", "hello-worker"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(cli.Folder, Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var manifest = Manifest().Match(guide).Groups[1].Value;
        cli.Write("env.yaml", manifest);
        cli.Write("env-edited.yaml", manifest.Replace("/hello", "/front-desk", StringComparison.Ordinal));
        var commands = Command().Matches(guide);
        commands.Count.ShouldBeGreaterThan(12);
        foreach (Match command in commands)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var expected = command.Groups[2].Success ? int.Parse(command.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0;
            var run = await cli.RunAsync(command.Groups[1].Value);
            run.Exit.ShouldBe(expected, $"{command.Value}: {run.Stderr}");
        }
    }

    [Theory]
    [InlineData("declarative")]
    [InlineData("real-cluster")]
    public async Task The_sample_manifests_plan(string folder)
    {
        using var cli = new TestCli();
        var sample = Path.Combine(TestBundles.RepositoryRoot(), "samples", folder, "k8s.env.json");
        var plan = await cli.OpAsync($"plan --answers {sample}");
        plan.GetProperty("missing")[0].GetProperty("source").GetString().ShouldBe("env:TELEGRAM_DEMO_BOT_TOKEN");
        plan.GetProperty("changed").GetInt32().ShouldBe(8);
    }

    [Fact]
    public async Task A_real_cluster_gets_what_its_answers_ask_for()
    {
        using var cli = new TestCli();
        cli.SetVariable("TELEGRAM_DEMO_BOT_TOKEN", "12:abc");
        await cli.OpAsync($"env apply --yes --answers {Path.Combine(TestBundles.RepositoryRoot(), "samples", "real-cluster", "k8s.env.json")}");
        var rendered = await cli.OpAsync("env render");
        rendered.GetProperty("object_count").GetInt32().ShouldBe(17);
        rendered.GetProperty("manifests").EnumerateArray().Select(item => item.GetProperty("kind").GetString()).TakeLast(4).ShouldBe(["Ingress", "Deployment", "Service", "PodDisruptionBudget"]);
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Manifest();

    [GeneratedRegex(@"^\$ gtc (.*?)(?: +#(?: exits (\d)|.*))?$", RegexOptions.Multiline)]
    private static partial Regex Command();
}
