namespace Gtc.Telemetry.Tests;

public sealed class The_variables_of_OpenTelemetry_are_read
{
    [Fact]
    public void One_endpoint_is_enough()
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/")).Value;
        settings.Traces.ShouldBe(new Uri("http://collector:4318/base/v1/traces"));
        settings.Metrics.ShouldBe(new Uri("http://collector:4318/base/v1/metrics"));
        (settings.Framing, settings.ServiceName, settings.Headers.Length).ShouldBe((OtlpFraming.HttpProtobuf, "gtc", 0));
        settings.Sampling.ShouldBe(new OtlpSampling(true, 1));
    }

    [Fact]
    public void A_signal_may_have_an_endpoint_of_its_own_or_none()
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces/in"), ("OTEL_METRICS_EXPORTER", "none")).Value;
        (settings.Traces, settings.Metrics).ShouldBe((new Uri("https://traces/in"), null));
    }

    [Fact]
    public void With_gRPC_the_endpoint_has_no_path_of_ours() =>
        Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")).Value.Traces.ShouldBe(new Uri("http://collector:4317"));

    [Theory]
    [InlineData("always_on", null, false, 1)]
    [InlineData("always_off", "0.5", false, 0)]
    [InlineData("traceidratio", "0.25", false, 0.25)]
    [InlineData("parentbased_traceidratio", "0.25", true, 0.25)]
    [InlineData("parentbased_always_off", null, true, 0)]
    public void Samplers_are_those_of_the_specification(string name, string? argument, bool followsParent, double ratio) =>
        Read(("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)).Value.Sampling.ShouldBe(new OtlpSampling(followsParent, ratio));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "2")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-1")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    public void What_cannot_be_understood_is_refused_by_the_name_of_the_variable(string name, string value)
    {
        var refusal = Read((name, value)).Refusal!;
        refusal.Message.ShouldContain(name);
        refusal.Message.ShouldContain($"`{value}`");
    }

    [Fact]
    public void A_token_is_not_repeated() =>
        Read(("OTEL_EXPORTER_OTLP_HEADERS", "s3cret")).Refusal!.Message.ShouldNotContain("s3cret");

    private static Gtc.Model.Outcome<OtlpSettings> Read(params (string Name, string? Value)[] variables) =>
        OtlpSettings.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
