using System.Globalization;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Device;

/// <summary>What the device is and since when it runs, read from /proc and /etc.</summary>
internal static class HostFacts
{
    private const string Kernel = "/proc/sys/kernel/";

    /// <summary>Its inventory.</summary>
    /// <param name="version">The agent's version.</param>
    public static DeviceInventory Inventory(string version) => new()
    {
        Hostname = Line(Kernel + "hostname"),
        Arch = Line(Kernel + "arch") ?? System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Os = OsName(),
        Kernel = Line(Kernel + "osrelease"),
        CpuCores = Environment.ProcessorCount,
        MemoryMb = MemoryMb(),
        AgentVersion = version,
    };

    /// <summary>Changes with every boot.</summary>
    public static string? BootId() => Line(Kernel + "random/boot_id");

    /// <summary>Seconds since the boot.</summary>
    public static long? UptimeSeconds() =>
        Line("/proc/uptime")?.Split('.')[0] is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    /// <summary>How much of the disk below a folder is free, in MiB; null when it is not known.</summary>
    public static long? FreeMb(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace / (1024 * 1024);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string? OsName() => Lines("/etc/os-release")
        .Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
        .Select(line => line["PRETTY_NAME=".Length..].Trim('"'))
        .FirstOrDefault();

    private static long? MemoryMb() => Lines("/proc/meminfo")
        .Where(line => line.StartsWith("MemTotal:", StringComparison.Ordinal))
        .Select(line => long.TryParse(line["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out var kib) ? kib / 1024 : (long?)null)
        .FirstOrDefault();

    private static string? Line(string path) => Lines(path) is [var line, ..] ? line.Trim() : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
