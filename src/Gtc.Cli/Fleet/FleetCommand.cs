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
        foreach (var create in Verbs)
        {
            fleet.Add(create(context));
        }

        return fleet;
    }

    private static Func<CliContext, Command>[] Verbs =>
    [
        InstallCommand.Create,
        ApplyCommand.Create,
        DeleteCommand.Create,
        GetCommand.Create,
        DevicesCommand.Create,
        WatchCommand.Create,
        ExplainCommand.Create,
        FleetDemoCommand.Create,
        AgentCommand.Create,
        DeviceCommand.Create,
        NatsCommand.Create,
        OperatorCommand.Create,
    ];
}
