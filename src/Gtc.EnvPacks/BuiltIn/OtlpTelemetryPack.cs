using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Traces and metrics go to an OTLP receiver: its answers become the variables of the OpenTelemetry specification.</summary>
public sealed class OtlpTelemetryPack : IEnvPackHandler
{
    /// <summary>Its descriptor path.</summary>
    public const string Path = "greentic.telemetry.otlp";

    private const string Endpoint = "endpoint";
    private const string Protocol = "protocol";
    private const string Ratio = "traces_ratio";

    /// <inheritdoc/>
    public CapabilitySlot Slot => CapabilitySlot.Telemetry;

    /// <inheritdoc/>
    public string DescriptorPath => Path;

    /// <inheritdoc/>
    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    /// <inheritdoc/>
    public IDeployerCredentials? Credentials => null;

    /// <inheritdoc/>
    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Traces and metrics to an OTLP receiver",
        Presentation = new("Workers and routers send them; variables OTEL_… of their processes go before these answers."),
        Questions =
        [
            new() { Id = Endpoint, Title = "Address of the receiver", Description = "e.g. http://collector.observability:4318", Required = true, Constraint = new() { Pattern = "^https?://[^/\\s]+[^\\s]*$" } },
            new() { Id = Protocol, Type = QuestionType.Choice, Title = "How it is spoken to", DefaultValue = "http/protobuf", Choices = ["http/protobuf", "grpc"] },
            new() { Id = Ratio, Title = "Which part of the traces is kept", Description = "From 0 to 1, where the caller has not decided; all when not answered.", Constraint = new() { Pattern = @"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$" } },
        ],
    };

    /// <summary>The variables that the answers stand for, in order.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Variables(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        Add("OTEL_EXPORTER_OTLP_ENDPOINT", answers.Get(Endpoint));
        Add("OTEL_EXPORTER_OTLP_PROTOCOL", answers.Get(Protocol));
        if (answers.Get(Ratio) is { } ratio)
        {
            Add("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
            Add("OTEL_TRACES_SAMPLER_ARG", ratio);
        }

        return variables.ToImmutable();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                variables.Add(new(name, value));
            }
        }
    }

    /// <summary>The port of the receiver, which pods must be let through to; null when no endpoint is answered.</summary>
    public static int? Port(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return Uri.TryCreate(answers.Get(Endpoint), UriKind.Absolute, out var uri) ? uri.Port : null;
    }

    /// <inheritdoc/>
    public string? FindFault(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(Endpoint) is not { } endpoint || (Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"`{Endpoint}` must be an http or https URL without a user name");
    }

    /// <inheritdoc/>
    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];
}
