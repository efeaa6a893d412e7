using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Cli.Payloads;

/// <summary>Reads a payload from a file or from standard input (op-cli.md §1).</summary>
internal static class AnswersFile
{
    /// <summary>The name that means standard input.</summary>
    public const string Stdin = "-";

    /// <summary>Reads and parses: <c>.json</c> as JSON, <c>.yaml</c> and <c>.yml</c> as YAML, anything else as JSON and then as YAML.</summary>
    public static async Task<Outcome<JsonElement>> ReadAsync(string name, CliContext context, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(name, context, cancellationToken);
        return bytes.Then(content => Parse(name, content));
    }

    /// <summary>Parses the content of a file with that name.</summary>
    public static Outcome<JsonElement> Parse(string name, ReadOnlyMemory<byte> content)
    {
        var text = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;
        var parsed = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".json" => Json(name, text),
            ".yaml" or ".yml" => Yaml(name, text),
            _ => Json(name, text) is { IsOk: true } json ? json : Yaml(name, text),
        };
        return parsed.Match(value => value, refusal => (Outcome<JsonElement>)new Refusal.UnreadableAnswers(refusal.Message));
    }

    // Members that are given twice are found with their path when the payload is checked.
    private static Outcome<JsonElement> Json(string name, ReadOnlyMemory<byte> text) =>
        BoundedJson.Parse(text.Span, Label(name), PayloadBounds.MaxBytes, allowDuplicates: true);

    private static Outcome<JsonElement> Yaml(string name, ReadOnlyMemory<byte> text)
    {
        try
        {
            return YamlDocument.Parse(text, Label(name)).Then(value => value.ValueKind == JsonValueKind.Undefined
                ? new Refusal.UnreadableAnswers($"{Label(name)} holds no values")
                : (Outcome<JsonElement>)value);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // The YAML scanner throws these instead of its own exception on some broken texts, e.g. `!![`.
            return new Refusal.UnreadableAnswers($"{Label(name)} is not YAML");
        }
    }

    private static async Task<Outcome<ReadOnlyMemory<byte>>> ReadBytesAsync(string name, CliContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = name == Stdin ? context.OpenStdin() : File.OpenRead(context.PathOf(name));
            var buffer = new byte[PayloadBounds.MaxBytes + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return length > PayloadBounds.MaxBytes
                ? new Refusal.UnreadableAnswers($"{Label(name)} has more than {PayloadBounds.MaxBytes:N0} bytes")
                : (ReadOnlyMemory<byte>)buffer.AsMemory(0, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{Label(name)} cannot be read: {error.Message}");
        }
    }

    private static string Label(string name) => name == Stdin ? "standard input" : $"answers file `{name}`";
}
