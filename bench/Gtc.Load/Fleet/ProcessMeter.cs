using System.Diagnostics;
using System.Globalization;

namespace Gtc.Load.Fleet;

/// <summary>Memory and processor time of a process that is not ours to ask, from <c>/proc</c>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="ProcessId">Which one.</param>
internal sealed record ProcessMeter(string Name, int ProcessId)
{
    private const double TicksPerSecond = 100;
    private readonly double _begunProcessor = Processor(ProcessId);
    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>MiB that it holds at present; 0 when it has ended.</summary>
    public double ResidentMebibytes => Mebibytes("VmRSS:");

    /// <summary>What it took since this was made.</summary>
    public ProcessUse Read() => new(
        Name,
        ResidentMebibytes,
        Mebibytes("VmHWM:"),
        Math.Max(0, Processor(ProcessId) - _begunProcessor) / Stopwatch.GetElapsedTime(_begun).TotalSeconds);

    private double Mebibytes(string field)
    {
        try
        {
            var line = File.ReadLines($"/proc/{ProcessId}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024d;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double Processor(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
