using Gtc.Cli.Start;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Tests.Start;

public sealed class Telemetry_is_told_by_its_env_pack : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Its_answers_are_variables_and_those_of_the_process_go_before()
    {
        await _cli.OpAsync("env init");
        Variables()("OTEL_EXPORTER_OTLP_ENDPOINT").ShouldBeNull();
        _cli.Write("answers.json", """{"endpoint":"http://127.0.0.1:4317","protocol":"grpc","traces_ratio":"0.25"}""");
        await _cli.OpAsync("env-packs update slot=telemetry kind=greentic.telemetry.otlp@0.1.0 pack_ref=builtin answers_ref=answers.json");

        var told = Variables();
        (told("OTEL_EXPORTER_OTLP_ENDPOINT"), told("OTEL_EXPORTER_OTLP_PROTOCOL"), told("OTEL_TRACES_SAMPLER"), told("OTEL_TRACES_SAMPLER_ARG"))
            .ShouldBe(("http://127.0.0.1:4317", "grpc", "parentbased_traceidratio", "0.25"));

        _cli.SetVariable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:4318");
        Variables()("OTEL_EXPORTER_OTLP_ENDPOINT").ShouldBe("http://other:4318");
    }

    [Theory]
    [InlineData("""{"endpoint":"collector:4318"}""", "endpoint")]
    [InlineData("""{"endpoint":"http://user:word@collector:4318"}""", "endpoint")]
    [InlineData("""{"protocol":"grpc"}""", "endpoint")]
    [InlineData("""{"endpoint":"http://collector:4318","traces_ratio":"1.5"}""", "traces_ratio")]
    public async Task What_cannot_be_is_refused_when_it_is_bound(string answers, string named)
    {
        await _cli.OpAsync("env init");
        _cli.Write("answers.json", answers);
        var run = await _cli.RunAsync($"op env-packs update slot=telemetry kind=greentic.telemetry.otlp@0.1.0 pack_ref=builtin answers_ref=answers.json --store-root {_cli.StoreRoot} --format json");
        (run.Exit, run.Kind).ShouldBe((1, "conflict"));
        run.Message.ShouldContain(named);
        run.Stderr.ShouldNotContain("user:word");
    }

    private Func<string, string?> Variables()
    {
        using var output = new StringWriter();
        var context = _cli.Context(output, output);
        return TelemetryBinding.Variables(new StoreLayout(_cli.StoreRoot).Environment(EnvId.Local), context.Variable);
    }
}
