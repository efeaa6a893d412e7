namespace Gtc.Telemetry;

/// <summary>Whose telemetry it is.</summary>
/// <param name="Source">The name of the activity source and of the meter.</param>
/// <param name="Version">The version of the program.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Instance">The id of the process.</param>
public sealed record TelemetryProcess(string Source, string Version, string Environment, string Instance);
