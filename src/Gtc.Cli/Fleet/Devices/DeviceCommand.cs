using System.CommandLine;

namespace Gtc.Cli.Fleet.Devices;

/// <summary><c>gtc fleet device</c>: this machine as a device of a fleet.</summary>
internal static class DeviceCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Make this machine, or a new one, a device of the fleet";

    /// <summary>Builds the command. A new verb is one static class with <c>static Command Create(CliContext)</c> and one line here.</summary>
    public static Command Create(CliContext context)
    {
        var device = new Command("device", Purpose);
        foreach (var create in Verbs)
        {
            device.Add(create(context));
        }

        return device;
    }

    private static Func<CliContext, Command>[] Verbs =>
    [
        DeviceSetupVerb.Create,
    ];
}
