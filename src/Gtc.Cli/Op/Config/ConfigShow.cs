using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Config;

/// <summary><c>gtc op config show</c>: names of answers, never what was answered.</summary>
internal static class ConfigShow
{
    /// <summary>The verb.</summary>
    public static Verb<ShowConfigPayload> Verb => new()
    {
        Noun = "config",
        Name = "show",
        Purpose = "Show host values, bound env-packs and the names of their answers, never an answer",
        Examples = ["op config show", "op config show staging --slot deployer"],
        Payload = OpJson.Default.ShowConfigPayload,
        Fields = [PayloadField.Environment, new("slot", "only this slot", "--slot", "SLOT")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ShowConfigPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var runtime, out refusal)
            || !Bindings(document, payload.Slot).TryGet(out var bindings, out refusal)
            || !(await AnswersAsync(bindings, at, cancellationToken)).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        var result = new ShownConfig(
            at.Environment.ToString(),
            EnvironmentUpdate.HostElement(document),
            document.CredentialsRef,
            [.. bindings.Select(binding => new ShownBinding(SlotName(binding.Slot), binding.Kind.ToString(), binding.PackRef, binding.AnswersRef, binding.Generation))],
            answers,
            runtime is null ? null : Documents.EnvironmentRuntime.ToElement(runtime),
            Rfc3339Json.Format(call.Context.Time.GetUtcNow()));
        return Answer.Of(result, OpJson.Default.ShownConfig, screen =>
        {
            screen.Facts(
                ("environment", document.EnvironmentId.ToString()),
                ("name", document.Name),
                ("listens on", document.HostConfig.ResolveListenAddr()),
                ("public url", document.HostConfig.PublicBaseUrl),
                ("region", document.HostConfig.Region),
                ("tenant", document.HostConfig.TenantOrgId),
                ("console", document.HostConfig.ResolveGuiEnabled() ? "on" : "off"),
                ("credentials", document.CredentialsRef));
            screen.Table(
                new([new("slot"), new("env-pack"), new("answers")], [.. result.Packs.Select(pack => (ImmutableArray<string>)
                    [pack.Slot, pack.Kind, answers[pack.Slot] is { Present: true } given ? string.Join(", ", given.Keys) : "none"])]),
                "It binds no env-pack.");
        });
    }

    private static Outcome<ImmutableArray<EnvPackBinding>> Bindings(EnvironmentDocument document, string? slot)
    {
        if (slot is null)
        {
            return document.Packs;
        }

        var found = document.Packs.Where(binding => SlotName(binding.Slot) == slot).ToImmutableArray();
        return found.IsEmpty
            ? new Refusal.Missing($"environment `{document.EnvironmentId}` binds nothing in slot `{slot}`")
            {
                Details = [new("bound", document.Packs.IsEmpty ? "none" : string.Join(", ", document.Packs.Select(binding => SlotName(binding.Slot))))],
            }
            : found;
    }

    private static async Task<Outcome<SortedDictionary<string, ShownAnswers>>> AnswersAsync(ImmutableArray<EnvPackBinding> bindings, OpPlace at, CancellationToken cancellationToken)
    {
        var shown = new SortedDictionary<string, ShownAnswers>(StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            if (!(await AnswersAsync(binding, at, cancellationToken)).TryGet(out var answers, out var refusal))
            {
                return refusal;
            }

            shown[SlotName(binding.Slot)] = answers;
        }

        return shown;
    }

    private static async Task<Outcome<ShownAnswers>> AnswersAsync(EnvPackBinding binding, OpPlace at, CancellationToken cancellationToken)
    {
        if (binding.AnswersRef is not { } reference || !RuntimeConfigRules.IsContained(reference))
        {
            return new ShownAnswers(false, []);
        }

        if (at is RemotePlace remote)
        {
            return (await remote.Store.AnswersAsync(at.Environment, binding.Slot, cancellationToken)).Then<ShownAnswers>(answers =>
                answers is null ? new ShownAnswers(false, []) : new ShownAnswers(true, [.. answers.Select(answer => answer.Key).Order(StringComparer.Ordinal)]));
        }

        var local = (LocalPlace)at;
        return local.Store.Files(at.Environment).Read(reference, BindingAnswers.MaxBytes).Then(bytes => bytes is null ? new ShownAnswers(false, []) : Keys(bytes, local.Layout.Resolve(reference)));
    }

    private static Outcome<ShownAnswers> Keys(byte[] bytes, string path)
    {
        try
        {
            using var answers = JsonDocument.Parse(bytes);
            return answers.RootElement.ValueKind == JsonValueKind.Object
                ? new ShownAnswers(true, [.. answers.RootElement.EnumerateObject().Select(answer => answer.Name).Order(StringComparer.Ordinal)])
                : new Refusal.UnreadableAnswers($"{path} must hold one JSON object");
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"{path} is not JSON: {error.Message.TrimEnd('.')}");
        }
    }

    private static string SlotName(CapabilitySlot slot) => JsonSerializer.SerializeToElement(slot, OpJson.Default.CapabilitySlot).GetString()!;
}

/// <summary>What <c>config show</c> takes.</summary>
internal sealed record ShowConfigPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Only this slot.</summary>
    public string? Slot { get; init; }
}

/// <summary>What <c>config show</c> answers.</summary>
internal sealed record ShownConfig(
    string EnvironmentId,
    JsonElement HostConfig,
    string? CredentialsRef,
    IReadOnlyList<ShownBinding> Packs,
    SortedDictionary<string, ShownAnswers> PackAnswers,
    JsonElement? Runtime,
    string SnapshotAt);

/// <summary>One env-pack.</summary>
internal sealed record ShownBinding(string Slot, string Kind, string PackRef, string? AnswersRef, ulong Generation);

/// <summary>The names of the answers of one env-pack.</summary>
internal sealed record ShownAnswers(bool Present, IReadOnlyList<string> Keys);
