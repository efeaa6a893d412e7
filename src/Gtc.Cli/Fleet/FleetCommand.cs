using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Fleet.Agent;
using Gtc.Cli.Fleet.Applying;
using Gtc.Cli.Fleet.Demo;
using Gtc.Cli.Fleet.Devices;
using Gtc.Cli.Fleet.Installing;
using Gtc.Cli.Fleet.Looking;
using Gtc.Cli.Fleet.Nats;
using Gtc.Cli.Fleet.Operator;

namespace Gtc.Cli.Fleet;

/// <summary><c>gtc fleet</c>: containers on many devices, from a custom resource.</summary>
internal static class FleetCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Put containers on a fleet of devices and see what became of them";

    /// <summary>Builds the command. A new verb is one static class with <c>static Command Create(CliContext)</c> and one line here.</summary>
    public static Command Create(CliContext context)
    {
        var fleet = new Command("fleet", Purpose);
        CommandGroup.AddTo(fleet, Verbs, context);
        return fleet;
    }

    // The agent runs on small devices: it must not carry what the other verbs are made of.
    private static ImmutableArray<CommandGroup> Verbs =>
    [
        new("install", InstallCommand.Purpose, InstallCommand.Create),
        new("apply", ApplyCommand.Purpose, ApplyCommand.Create),
        new("delete", DeleteCommand.Purpose, DeleteCommand.Create),
        new("get", GetCommand.Purpose, GetCommand.Create),
        new("devices", DevicesCommand.Purpose, DevicesCommand.Create),
        new("watch", WatchCommand.Purpose, WatchCommand.Create),
        new("explain", ExplainCommand.Purpose, ExplainCommand.Create),
        new("demo", FleetDemoCommand.Purpose, FleetDemoCommand.Create),
        new("agent", AgentCommand.Purpose, AgentCommand.Create),
        new("device", DeviceCommand.Purpose, DeviceCommand.Create),
        new("nats", NatsCommand.Purpose, NatsCommand.Create),
        new("operator", OperatorCommand.Purpose, OperatorCommand.Create),
    ];
}
