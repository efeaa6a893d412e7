namespace Gtc.Fleet.Contracts;

/// <summary>What a deployment wants.</summary>
public sealed record DeploymentSpec : KeepsUnknown
{
    /// <summary>Which devices.</summary>
    [Field("Which devices run the score, by their labels. An empty selector ({}) selects every device.")]
    public required LabelSelector TargetSelector { get; init; }

    /// <summary>What they run.</summary>
    [Field("What the devices run. Exactly one member, which names the variant; PodmanV0 runs containers.", MinProperties = 1, MaxProperties = 1, KeepsUnknown = true)]
    public required ReconcileScore Score { get; init; }

    /// <summary>How a change reaches them; null for at once.</summary>
    [Field("How a change of the score reaches the devices.")]
    public RolloutSpec? Rollout { get; init; }

    /// <summary>Whether nothing more is sent to devices; what they have stays.</summary>
    [Field("While true nothing new is sent to devices; what they have stays.", Default = "false")]
    public bool? Paused { get; init; }
}

/// <summary>How a change reaches devices.</summary>
public sealed record RolloutSpec : KeepsUnknown
{
    /// <summary>The strategy that sends to all devices at once; the one when none is given.</summary>
    public const string Immediate = "Immediate";

    /// <summary>The strategy that sends to a batch of devices after the other.</summary>
    public const string Batched = "Batched";

    /// <summary>The devices that may be down for a roll-out when none are given.</summary>
    public static readonly IntOrPercent DefaultMaxUnavailable = IntOrPercent.Percent(25);

    /// <summary>The share of failures that pauses a roll-out when none is given, in percent.</summary>
    public const int DefaultPauseOnFailedPercent = 20;

    /// <summary><see cref="Immediate"/> or <see cref="Batched"/>.</summary>
    [Field("Immediate sends the score to every device at once, Batched to one batch after the other.", Words = "Immediate,Batched", Default = "\"Immediate\"")]
    public string? Strategy { get; init; }

    /// <summary>How many devices a batch has; needed with <see cref="Batched"/>.</summary>
    [Field("How many devices a batch has: a number, or a percentage of those selected, e.g. 5 or \"10%\". Required with Batched.", Pattern = "^([1-9][0-9]?|100)%$")]
    public IntOrPercent? BatchSize { get; init; }

    /// <summary>How many devices may be down for the roll-out.</summary>
    [Field("How many devices may be not running because of the roll-out: a number or a percentage.", Pattern = "^([0-9]|[1-9][0-9]|100)%$", Default = "\"25%\"")]
    public IntOrPercent? MaxUnavailable { get; init; }

    /// <summary>Above how many failures it pauses, in percent of the devices that were sent the score.</summary>
    [Field("The roll-out pauses when more than this percentage of the devices that got the score failed.", Minimum = 0, Maximum = 100, Default = "20")]
    public int? PauseOnFailedPercent { get; init; }
}
