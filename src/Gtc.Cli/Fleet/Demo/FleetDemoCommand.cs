using System.CommandLine;
using System.Globalization;
using Gtc.Cli.Demo;
using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary><c>gtc fleet demo</c>: a whole fleet on this machine, to be driven by hand or to tell its own story.</summary>
internal static class FleetDemoCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Bring up a fleet on this machine and hand it over, or let it tell its own story";

    // podman takes no run root of more than 50 characters, so a person's home may be too deep.
    private const string Root = "/var/tmp/gtc-fleet";

    private const int DefaultDevices = 3;
    private static readonly Option<bool> Auto = new("--auto") { Description = "Tell the whole story, faults included, and end; the exit code is the verdict" };
    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave everything running at the end; --down takes it away" };
    private static readonly Option<bool> Down = new("--down") { Description = "Take away what an earlier demo left" };
    private static readonly Option<int> Devices = new("--devices") { Description = "How many devices, 1 to 9", HelpName = "N", DefaultValueFactory = _ => DefaultDevices };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("demo", Purpose)
        {
            Examples = ["fleet demo", "fleet demo --auto", "fleet demo --keep --devices 5", "fleet demo --down"],
            Remark = $"A real API server, NATS, an operator and devices, each with a podman of its own, below {Root}. Without --auto it prints what\n"
                + "to try and waits for Ctrl-C. It stands in gtc's repository (eng/kube-node, eng/podman-service), and podman needs root there.",
        };
        foreach (var option in (Option[])[Auto, Keep, Down, Devices])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, stop) =>
        {
            var count = parsed.GetValue(Devices);
            var refusal = count is < 1 or > 9
                ? new Refusal.InvalidArgument($"--devices {count.ToString(CultureInfo.InvariantCulture)} was found, 1 to 9 was expected")
                : await RunAsync(context, parsed.GetValue(Auto), parsed.GetValue(Keep), parsed.GetValue(Down), count, stop);
            if (refusal is null)
            {
                return ExitCodes.Ok;
            }

            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        });
        return command;
    }

    private static async Task<Refusal?> RunAsync(CliContext context, bool isAuto, bool keeps, bool isDown, int devices, CancellationToken cancellationToken)
    {
        if (DemoCluster.FindRepository(context.WorkingDirectory) is not { } repository)
        {
            return new Refusal.Missing("the demo starts its servers with eng/kube-node and eng/podman-service, and this gtc stands in no repository that has them");
        }

        var steps = new DemoSteps(context);
        if (isDown)
        {
            var left = await FleetLab.DownAsync(context, Root, repository, cancellationToken);
            steps.Tell("down", left is null ? "nothing of the demo is left" : "something is left", [("folder", Root)]);
            return left;
        }

        if (DemoPrograms.FindMissing(context.Variable("PATH") ?? "", File.Exists) is { } missing)
        {
            return missing;
        }

        if (Directory.Exists(Root))
        {
            return new Refusal.Conflict($"{Root} is of a demo that runs, or that was not taken away") { Next = "gtc fleet demo --down" };
        }

        return await new FleetDemo(context, Root, repository, devices, steps).RunAsync(isAuto, keeps, cancellationToken);
    }
}
