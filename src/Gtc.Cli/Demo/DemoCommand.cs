using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary><c>gtc demo</c>: shows the main job end to end, on this machine (seeds' track 1) and on a cluster (track 2).</summary>
internal static class DemoCommand
{
    private static readonly Option<string?> Bundle = new("--bundle") { Description = "A bundle of your own instead of the greeter", HelpName = "FILE" };
    private static readonly Option<string?> Image = new("--image") { Description = "An image archive; built with eng/image when not given", HelpName = "FILE" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var demo = new Command("demo", "Show the main job end to end, on this machine or on a Kubernetes of its own");
        var pull = Verb(
            "host-pull", "Boot a worker that knows nothing and let it pull, verify, serve and answer", ["demo host-pull", "demo host-pull --bundle perf-smoke-bundle.gtbundle"],
            "Everything is kept below ~/.greentic/demo; your own environments and keys are not touched. The worker keeps running.");
        pull.Add(Bundle);
        pull.SetAction((parsed, stop) => RunAsync(context, "demo", (folder, steps) => new HostPull(context, folder, steps).RunAsync(parsed.GetValue(Bundle), stop)));
        var end = Verb("host-stop", "Stop the worker that host-pull leaves running", ["demo host-stop"]);
        end.SetAction((_, stop) => RunAsync(context, "demo", (folder, steps) => StopAsync(context, folder, steps, stop)));
        demo.Add(pull);
        demo.Add(end);
        AddCluster(demo, context);
        return demo;
    }

    private static void AddCluster(Command demo, CliContext context)
    {
        var up = Verb(
            "kind-up", "Start a Kubernetes for the demo and give it the image of gtc", ["demo kind-up", "demo kind-up --image gtc-image.tar"],
            "With Docker and kind it is a kind cluster, else the node of eng/kube-node, which needs root. It is kept below ~/.greentic/demo-cluster.");
        up.Add(Image);
        up.SetAction((parsed, stop) => RunAsync(context, "demo-cluster", (folder, steps) => new ClusterLife(context, folder, steps).UpAsync(parsed.GetValue(Image), stop)));
        var serve = Verb("kind-serve", "Let a worker pod boot and serve its probes; its revision cannot be pulled", ["demo kind-serve"]);
        serve.SetAction((_, stop) => RunAsync(context, "demo-cluster", (folder, steps) => Cluster(context, folder, steps).RunAsync(pulls: false, null, stop)));
        var pull = Verb("kind-pull", "Let a worker pod pull its bundle from a distributor in the cluster, verify, serve and answer", ["demo kind-pull", "demo kind-pull --bundle perf-smoke-bundle.gtbundle"]);
        pull.Add(Bundle);
        pull.SetAction((parsed, stop) => RunAsync(context, "demo-cluster", (folder, steps) => Cluster(context, folder, steps).RunAsync(pulls: true, parsed.GetValue(Bundle), stop)));
        var down = Verb("kind-down", "Take the demo's Kubernetes away", ["demo kind-down"]);
        down.SetAction((_, stop) => RunAsync(context, "demo-cluster", (folder, steps) => new ClusterLife(context, folder, steps).DownAsync(stop)));
        demo.Add(up);
        demo.Add(serve);
        demo.Add(pull);
        demo.Add(down);
    }

    private static ClusterDemo Cluster(CliContext context, DemoFolder folder, DemoSteps steps) => new(context, folder, new DemoFolder(Path.Combine(folder.Root, "author")), steps);

    private static DescribedCommand Verb(string name, string purpose, ImmutableArray<string> examples, string? remark = null) => new(name, purpose) { Examples = examples, Remark = remark };

    private static async Task<int> RunAsync(CliContext context, string name, Func<DemoFolder, DemoSteps, Task<Refusal?>> track)
    {
        var refusal = DemoFolder.Find(context, name).TryGet(out var folder, out var homeless) ? await track(folder, new DemoSteps(context)) : homeless;
        if (refusal is null)
        {
            return ExitCodes.Ok;
        }

        ErrorText.Write(refusal, context);
        return ExitCodes.Refused;
    }

    private static async Task<Refusal?> StopAsync(CliContext context, DemoFolder folder, DemoSteps steps, CancellationToken cancellationToken)
    {
        if (DemoWorker.Find(folder) is not { } worker)
        {
            steps.Tell("stop", "no worker of the demo is running", []);
            return null;
        }

        await worker.StopAsync(context.Time, cancellationToken);
        steps.Tell("stop", $"worker {worker.ProcessId} has stopped", [("pid", worker.ProcessId.ToString(CultureInfo.InvariantCulture))]);
        return null;
    }
}
