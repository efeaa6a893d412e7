using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary>What the environment's telemetry env-pack says, for processes that no variable says it to.</summary>
internal static class TelemetryBinding
{
    /// <summary>
    /// Reads a variable of the process, else the answer of the binding. The document is parsed only when it names the env-pack at all: the first answer of
    /// a worker must not wait for it.
    /// </summary>
    public static Func<string, string?> Variables(EnvironmentLayout layout, Func<string, string?> process)
    {
        var answered = Answered(layout).ToFrozenDictionary(StringComparer.Ordinal);
        return answered.Count == 0 ? process : name => process(name) is { Length: > 0 } given ? given : answered.GetValueOrDefault(name);
    }

    private static ImmutableArray<KeyValuePair<string, string>> Answered(EnvironmentLayout layout)
    {
        try
        {
            var document = File.Exists(layout.Document) ? File.ReadAllBytes(layout.Document) : [];
            return document.AsSpan().IndexOf("greentic.telemetry.otlp"u8) >= 0
                && Documents.Environment.Parse(document).TryGet(out var environment, out _)
                && environment.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Telemetry && pack.Kind.Path == OtlpTelemetryPack.Path) is { } binding
                && BoundAnswers.Load(layout.Folder, binding.Kind.Path, binding.AnswersRef, new OtlpTelemetryPack()).TryGet(out var answers, out _)
                    ? OtlpTelemetryPack.Variables(answers)
                    : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The boot reads it in a moment, and says what is wrong.
            return [];
        }
    }
}
