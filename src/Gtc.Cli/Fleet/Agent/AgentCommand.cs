using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Fleet.Agent;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Device;
using Gtc.Model;
using Gtc.Runtime;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Fleet.Agent;

/// <summary><c>gtc fleet agent</c>: what runs on every device.</summary>
internal static class AgentCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Run the agent of this device: keep its containers as the fleet says, with the network or without";

    private static readonly Option<string> Config = new("--config") { Description = "The agent's configuration, TOML (docs/guides/devices.md)", HelpName = "FILE", Required = true };
    private static readonly Option<bool> Check = new("--check") { Description = "Only read the configuration and say what is wrong with it" };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Log warnings and errors only" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("agent", Purpose)
        {
            Examples = ["fleet agent --config /etc/fleet-agent/agent.toml", "fleet agent --config agent.toml --check"],
            Remark = "It needs podman's socket and no root. It starts without the broker, from its own copy; containers go on when it stops.\n"
                + "SIGTERM or Ctrl-C end it. Under systemd it tells when it is ready and that it gets its work done (Type=notify, WatchdogSec); `gtc fleet device setup` writes such a unit.",
        };
        foreach (var option in (Option[])[Config, Check, Quiet])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => RunAsync(parsed, context, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken stop)
    {
        var path = context.PathOf(parsed.GetValue(Config)!);
        if (!(await AgentConfigReader.ReadFileAsync(path, stop)).TryGet(out var config, out var wrong))
        {
            return Refuse(wrong, context);
        }

        if (parsed.GetValue(Check))
        {
            context.Stdout.WriteLine($"{path} can be used: device {config.Device}, {config.Urls.Length} broker(s), podman on {config.Socket}");
            return ExitCodes.Ok;
        }

        using var logging = WorkerLogging.Create(context.OpenStderr(), context.IsErrorTerminal, null, parsed.GetValue(Quiet) ? LogLevel.Warning : LogLevel.Information, context.Time);
        var manager = new ServiceManager(context.Variable, context.Time);
        var failed = await FleetAgent.RunAsync(config, GtcCommandLine.Version, context.Time, logging.CreateLogger("Gtc.Fleet.Agent"), manager, stop);
        manager.Stopping();
        return failed is null ? ExitCodes.Ok : Refuse(failed, context);
    }

    private static int Refuse(AgentError error, CliContext context)
    {
        ErrorText.Write(new Refusal.InvalidArgument(error.Message), context);
        return ExitCodes.Refused;
    }
}
