using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run as processes of this machine.</summary>
public sealed class LocalProcessPack : IEnvPackHandler
{
    /// <summary>Its descriptor path.</summary>
    public const string Path = "greentic.deployer.local-process";

    /// <summary>How long a warm waits for a worker's health when nothing else is answered, in seconds.</summary>
    public const int DefaultWarmSeconds = 60;

    private const int MostWarmSeconds = 3600;
    private const string PortRangeQuestion = "port_range";
    private const string SuperviseQuestion = "supervise";
    private const string WarmSecondsQuestion = "warm_timeout_seconds";

    /// <inheritdoc/>
    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    /// <inheritdoc/>
    public string DescriptorPath => Path;

    /// <inheritdoc/>
    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    /// <inheritdoc/>
    public IDeployerCredentials Credentials { get; } = new LocalProcessCredentials();

    /// <inheritdoc/>
    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Workers on this machine",
        Presentation = new("Workers run as processes of this machine. Nothing needs to be installed."),
        Questions =
        [
            new()
            {
                Id = PortRangeQuestion,
                Title = "Ports for workers",
                Description = "The first port and the last one, both included: 8080..=8090, or 8080-8090.",
                DefaultValue = PortRange.Default.ToString(),
                Constraint = new() { Pattern = PortRange.Pattern },
            },
            new()
            {
                Id = SuperviseQuestion,
                Type = QuestionType.Flag,
                Title = "Run a process of its own for each revision",
                Description = "When true, warm starts a worker for the revision and archive ends it; `gtc start` with GREENTIC_ROLE=router forwards to them. When false, one `gtc start` serves all revisions.",
                DefaultValue = "false",
            },
            new()
            {
                Id = WarmSecondsQuestion,
                Title = "How long a warm waits for a worker's health, in seconds",
                DefaultValue = $"{DefaultWarmSeconds}",
                Constraint = new() { Pattern = "^[0-9]{1,4}$" },
                AlsoNumber = true,
            },
            ComponentEgress.Question,
        ],
    };

    /// <summary>The ports that a binding's answers allow.</summary>
    public static PortRange Ports(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(PortRangeQuestion) is { } text && PortRange.TryParse(text, out var range) ? range : PortRange.Default;
    }

    /// <summary>Whether each revision gets a process of its own.</summary>
    public static bool Supervises(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(SuperviseQuestion) == "true";
    }

    /// <summary>How long a warm waits for a worker's health.</summary>
    public static TimeSpan WarmTimeout(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return TimeSpan.FromSeconds(Seconds(answers) ?? DefaultWarmSeconds);
    }

    /// <inheritdoc/>
    public string? FindFault(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (answers.Get(WarmSecondsQuestion) is { } seconds && Seconds(answers) is null)
        {
            return $"`{WarmSecondsQuestion}` is `{seconds}`, 1 to {MostWarmSeconds} was expected";
        }

        return answers.Get(PortRangeQuestion) is { } text && !PortRange.TryParse(text, out _)
            ? $"`{PortRangeQuestion}` is `{text}`, ports from 1 to 65535 with the lower one first were expected"
            : ComponentEgress.FindFault(answers);
    }

    private static int? Seconds(PackAnswers answers) =>
        int.TryParse(answers.Get(WarmSecondsQuestion), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= MostWarmSeconds ? seconds : null;

    /// <inheritdoc/>
    public ImmutableArray<ToolCheck> Preflight(PackSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return
        [
            new("local-process.port", "a port for a worker is free", _ => Task.FromResult<ToolOutcome>(
                PortProbe.Find(setting.ListenAddr, Ports(setting.Answers)) is { } free
                    ? new ToolOutcome.Ok($"{free} is free")
                    : new ToolOutcome.Unreachable(PortProbe.Taken(setting.ListenAddr, Ports(setting.Answers)), "stop what listens there (`ss -ltnp` lists it), or answer port_range differently"))),
            new("local-process.worker", "the worker's program is there", _ => Task.FromResult<ToolOutcome>(
                File.Exists(setting.WorkerProgram)
                    ? new ToolOutcome.Ok(setting.WorkerProgram)
                    : new ToolOutcome.NotFound($"install gtc again: {setting.WorkerProgram} is missing"))),
        ];
    }
}
