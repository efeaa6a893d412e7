using System.CommandLine;
using Gtc.Cli.Fleet.Installing;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats</c>: the broker between the operator and the devices.</summary>
internal static class NatsCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Install the fleet's broker and look into its buckets";

    /// <summary>Builds the command. A new verb is one static class with <c>static Command Create(CliContext)</c> and one line here.</summary>
    public static Command Create(CliContext context)
    {
        var nats = new Command("nats", Purpose);
        foreach (var create in Verbs)
        {
            nats.Add(create(context));
        }

        return nats;
    }

    private static Func<CliContext, Command>[] Verbs =>
    [
        NatsInstallCommand.Create,
        KvCommand.Create,
    ];
}
