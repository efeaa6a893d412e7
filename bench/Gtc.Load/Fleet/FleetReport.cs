using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Load.Fleet;

/// <summary>One objective of a run.</summary>
/// <param name="Name">What has to hold.</param>
/// <param name="Wanted">The bound.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Holds">Whether it held.</param>
internal sealed record Objective(string Name, string Wanted, string Found, bool Holds);

/// <summary>What a process of the run took.</summary>
/// <param name="Name">Which.</param>
/// <param name="ResidentMebibytes">At the end.</param>
/// <param name="PeakMebibytes">At most.</param>
/// <param name="Cores">Processor time over the time of the load.</param>
internal sealed record ProcessUse(string Name, double ResidentMebibytes, double PeakMebibytes, double Cores);

/// <summary>What a run found.</summary>
internal sealed record FleetReport
{
    public required string Run { get; init; }

    public List<Objective> Objectives { get; init; } = [];

    /// <summary>Numbers with no bound.</summary>
    public SortedDictionary<string, string> Facts { get; init; } = new(StringComparer.Ordinal);

    public List<ProcessUse> Processes { get; init; } = [];

    public bool Passed => Objectives.TrueForAll(objective => objective.Holds);

    public void AtLeast(string name, double wanted, double found, string unit = "") => Objectives.Add(new(name, $"≥ {Text(wanted)}{unit}", $"{Text(found)}{unit}", found >= wanted));

    public void AtMost(string name, double wanted, double found, string unit = "") => Objectives.Add(new(name, $"≤ {Text(wanted)}{unit}", $"{Text(found)}{unit}", found <= wanted));

    public void None(string name, long found) => Objectives.Add(new(name, "0", Text(found), found == 0));

    public void Tell(string name, double value, string unit = "") => Facts[name] = Text(value) + unit;

    public void Write(TextWriter output, bool isJson)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (isJson)
        {
            output.WriteLine(JsonSerializer.Serialize(this, FleetReportJson.Default.FleetReport));
            return;
        }

        output.WriteLine($"fleet {Run}: {(Passed ? "passed" : "FAILED")}");
        foreach (var objective in Objectives)
        {
            output.WriteLine($"  {(objective.Holds ? "ok  " : "FAIL")}  {objective.Name,-52} {objective.Found,14}   ({objective.Wanted})");
        }

        foreach (var (name, value) in Facts)
        {
            output.WriteLine($"        {name,-52} {value,14}");
        }

        foreach (var use in Processes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        {use.Name,-20} {use.ResidentMebibytes,7:F0} MiB, at most {use.PeakMebibytes:F0} MiB, {use.Cores:F2} cores"));
        }
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 || value == Math.Floor(value) ? "N0" : "0.###", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FleetReport))]
internal sealed partial class FleetReportJson : JsonSerializerContext;
