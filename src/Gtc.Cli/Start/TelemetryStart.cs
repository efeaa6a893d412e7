using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Gtc.Model;
using Gtc.Store;
using Gtc.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Start;

/// <summary>Sends what a worker tells about itself to an OTLP receiver, where a variable or the telemetry env-pack names one.</summary>
internal static partial class TelemetryStart
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Begins when a receiver is named; else nothing of it is even loaded, since the first answer must not wait for it.</summary>
    /// <returns>What to dispose at the end, or null.</returns>
    public static IDisposable? Begin(CliContext context, EnvironmentLayout layout, ILoggerFactory logging)
    {
        var variable = TelemetryBinding.Variables(layout, context.Variable);
        return Endpoints.Any(name => !string.IsNullOrWhiteSpace(variable(name))) && variable("OTEL_SDK_DISABLED")?.Trim() is not ("true" or "TRUE" or "True")
            ? Export(context, variable, layout.Id, logging.CreateLogger("Gtc.Telemetry"))
            : null;
    }

    /// <summary>Telemetry that is set up wrongly must not keep a worker from serving.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Performance", "CA1859", Justification = "A type of the library in the signature would load the library into whoever calls.")]
    private static IDisposable? Export(CliContext context, Func<string, string?> variable, EnvId environment, ILogger logger)
    {
        if (!OtlpSettings.Read(variable).TryGet(out var settings, out var refusal))
        {
            Log.NotExported(logger, refusal.Message);
            return null;
        }

        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        context.Random(random);
        var process = new TelemetryProcess("Gtc.Runtime", GtcCommandLine.Version, environment.ToString(), Ulid.From(context.Time.GetUtcNow(), random).ToString());
        return OtlpExport.Start(settings, process, logger);
    }

    private static partial class Log
    {
        [LoggerMessage(4756, LogLevel.Warning, "No telemetry is exported: {Reason}")]
        public static partial void NotExported(ILogger logger, string reason);
    }
}
