using Gtc.Cli.Start;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Tests.Start;

public sealed class Telemetry_costs_nothing_unless_it_is_asked_for : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(null, null)]
    [InlineData(" ", null)]
    [InlineData("http://127.0.0.1:9", "true")]
    public void Without_a_receiver_no_library_is_even_loaded(string? endpoint, string? disabled)
    {
        if (endpoint is not null)
        {
            _cli.SetVariable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        }

        if (disabled is not null)
        {
            _cli.SetVariable("OTEL_SDK_DISABLED", disabled);
        }

        TelemetryStart.Begin(_cli.Context(TextWriter.Null, TextWriter.Null), new Gtc.Store.StoreLayout(_cli.StoreRoot).Environment(EnvId.Local), NullLoggerFactory.Instance).ShouldBeNull();
        AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name)
            .ShouldNotContain(name => name == "Gtc.Telemetry" || name!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }
}
