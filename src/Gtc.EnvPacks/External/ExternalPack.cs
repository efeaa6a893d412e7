using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>An installed env-pack of other people, verified.</summary>
public sealed class ExternalPack : IEnvPackHandler
{
    private readonly Func<CancellationToken, Task<Outcome<PackProcess>>> _start;

    internal ExternalPack(PackManifest manifest, string folder, CapabilitySlot slot, QuestionForm? questions, Func<CancellationToken, Task<Outcome<PackProcess>>> start)
    {
        Manifest = manifest;
        Folder = folder;
        Slot = slot;
        Questions = questions;
        _start = start;
    }

    /// <summary>Its manifest.</summary>
    public PackManifest Manifest { get; }

    /// <summary>Where it is installed.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public CapabilitySlot Slot { get; }

    /// <inheritdoc/>
    public string DescriptorPath => Manifest.Kind.Path;

    /// <inheritdoc/>
    public VersionRange SupportedVersions => VersionRange.Exactly(Manifest.Kind.Version);

    /// <inheritdoc/>
    public QuestionForm? Questions { get; }

    /// <inheritdoc/>
    public IDeployerCredentials? Credentials => null;

    /// <inheritdoc/>
    public string? FindFault(PackAnswers answers) => null;

    /// <inheritdoc/>
    public ImmutableArray<ToolCheck> Preflight(PackSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return [new($"{DescriptorPath}.requirements", "what the env-pack itself looks at", cancellationToken => RequirementsAsync(setting, cancellationToken))];
    }

    /// <summary>Starts the program and calls one method of it.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="progress">Told every progress line; null when nobody listens.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    public async Task<Outcome<PackReply>> CallAsync(PackMethod method, JsonObject parameters, Action<JsonElement>? progress, CancellationToken cancellationToken)
    {
        if (!(await _start(cancellationToken)).TryGet(out var process, out var refusal))
        {
            return refusal;
        }

        await using (process)
        {
            var called = await process.CallAsync(method, parameters, progress, cancellationToken);
            return called.Then<PackReply>(result => new PackReply(result, process.Log));
        }
    }

    /// <summary>The parameters of every method that is about an environment.</summary>
    public static JsonObject Parameters(EnvId environment, PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return new()
        {
            ["environment_id"] = environment.ToString(),
            ["answers"] = new JsonObject(answers.Set.Select(answer => KeyValuePair.Create(answer.Key, (JsonNode?)JsonValue.Create(answer.Value)))),
        };
    }

    private async Task<ToolOutcome> RequirementsAsync(PackSetting setting, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(PackMethod.Requirements, Parameters(setting.Environment, setting.Answers), null, cancellationToken);
        if (!reply.TryGet(out var answer, out var refusal))
        {
            return new ToolOutcome.ProbeError(refusal.Message);
        }

        try
        {
            var checks = answer.Result.Deserialize(EnvPackJson.Default.PackRequirements)?.Checks ?? [];
            return checks.FirstOrDefault(check => !check.Met) is { } unmet
                ? new ToolOutcome.Unreachable($"{unmet.Name}: {unmet.Detail ?? "does not hold"}", unmet.Hint ?? $"see what {Manifest.Kind} needs")
                : new ToolOutcome.Ok($"{checks.Length} of {checks.Length} hold");
        }
        catch (JsonException)
        {
            return new ToolOutcome.ProbeError("its requirements cannot be read");
        }
    }
}

/// <summary>What a pack answered, and what it logged meanwhile.</summary>
/// <param name="Result">The result.</param>
/// <param name="Log">The start of its log.</param>
public sealed record PackReply(JsonElement Result, string Log);
