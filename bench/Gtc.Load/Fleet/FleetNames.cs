using System.Globalization;

namespace Gtc.Load.Fleet;

/// <summary>What the simulated things are called; a name says the number.</summary>
internal static class FleetNames
{
    public const string GroupLabel = "group";

    private const string DevicePrefix = "d-";
    private const string DeploymentPrefix = "load-";

    public static string Device(int number) => string.Create(CultureInfo.InvariantCulture, $"{DevicePrefix}{number:D6}");

    public static string Deployment(int number) => string.Create(CultureInfo.InvariantCulture, $"{DeploymentPrefix}{number:D4}");

    public static string Group(int number) => string.Create(CultureInfo.InvariantCulture, $"g-{number:D4}");

    /// <returns>False for a device that is none of ours.</returns>
    public static bool TryDevice(ReadOnlySpan<char> name, out int number) => TryNumber(name, DevicePrefix, out number);

    /// <returns>False for a deployment that is none of ours.</returns>
    public static bool TryDeployment(ReadOnlySpan<char> name, out int number) => TryNumber(name, DeploymentPrefix, out number);

    private static bool TryNumber(ReadOnlySpan<char> name, string prefix, out int number)
    {
        number = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
