using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What gtc knows of one kind of env-pack (env-packs.md §7).</summary>
public interface IEnvPackHandler
{
    /// <summary>The slot that it fits.</summary>
    CapabilitySlot Slot { get; }

    /// <summary>The path of its descriptors, the key in the registry.</summary>
    string DescriptorPath { get; }

    /// <summary>The versions that it understands.</summary>
    VersionRange SupportedVersions { get; }

    /// <summary>What it wants to be asked, or null when it takes no answers.</summary>
    QuestionForm? Questions { get; }

    /// <summary>What a deployer needs of the platform that it deploys to; null for everything that is no deployer.</summary>
    IDeployerCredentials? Credentials { get; }

    /// <summary>Checks answers beyond what the form itself says.</summary>
    /// <param name="answers">Answers that fit the form.</param>
    /// <returns>What is wrong, one sentence without a final full stop, or null.</returns>
    string? FindFault(PackAnswers answers);

    /// <summary>What must be there before it can work; run by <c>env tool-check</c>.</summary>
    /// <param name="setting">Where it will work.</param>
    ImmutableArray<ToolCheck> Preflight(PackSetting setting);
}

/// <summary>Where an env-pack works.</summary>
public sealed record PackSetting
{
    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The environment's folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>Where a worker is configured to listen, <c>ip:port</c>, or null.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>The answers of its binding.</summary>
    public required PackAnswers Answers { get; init; }

    /// <summary>The program that workers run, absolute.</summary>
    public required string WorkerProgram { get; init; }

    /// <summary>Runs tools.</summary>
    public required IToolRunner Tools { get; init; }
}
