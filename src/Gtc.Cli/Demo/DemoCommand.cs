using System.CommandLine;
using Gtc.Cli.Output;

namespace Gtc.Cli.Demo;

/// <summary><c>gtc demo</c>: shows the main job end to end (seeds' track 1).</summary>
internal static class DemoCommand
{
    private static readonly Option<string?> Bundle = new("--bundle") { Description = "A bundle of your own instead of hello-worker", HelpName = "FILE" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var demo = new Command("demo", "Show the main job end to end on this machine");
        var pull = new DescribedCommand("host-pull", "Boot a worker that knows nothing and let it pull, verify, serve and answer")
        {
            Examples = ["demo host-pull", "demo host-pull --bundle perf-smoke-bundle.gtbundle"],
            Remark = "Everything is kept below ~/.greentic/demo; your own environments and keys are not touched. The worker keeps running.",
        };
        pull.Add(Bundle);
        pull.SetAction((parsed, stop) => PullAsync(parsed, context, stop));
        var end = new DescribedCommand("host-stop", "Stop the worker that host-pull leaves running") { Examples = ["demo host-stop"] };
        end.SetAction((_, stop) => StopAsync(context, stop));
        demo.Add(pull);
        demo.Add(end);
        return demo;
    }

    private static async Task<int> PullAsync(ParseResult parsed, CliContext context, CancellationToken cancellationToken)
    {
        var steps = new DemoSteps(context);
        if (!DemoFolder.Find(context).TryGet(out var folder, out var refusal))
        {
            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        }

        refusal = await new HostPull(context, folder, steps).RunAsync(parsed.GetValue(Bundle), cancellationToken);
        if (refusal is null)
        {
            return ExitCodes.Ok;
        }

        ErrorText.Write(refusal, context);
        return ExitCodes.Refused;
    }

    private static async Task<int> StopAsync(CliContext context, CancellationToken cancellationToken)
    {
        if (!DemoFolder.Find(context).TryGet(out var folder, out var refusal))
        {
            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        }

        var steps = new DemoSteps(context);
        if (DemoWorker.Find(folder) is not { } worker)
        {
            steps.Tell("stop", "no worker of the demo is running", []);
            return ExitCodes.Ok;
        }

        await worker.StopAsync(context.Time, cancellationToken);
        steps.Tell("stop", $"worker {worker.ProcessId} has stopped", [("pid", worker.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        return ExitCodes.Ok;
    }
}
