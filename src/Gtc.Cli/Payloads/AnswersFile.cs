using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Payloads;

/// <summary>Reads a payload from a file or from standard input (op-cli.md §1).</summary>
internal static class AnswersFile
{
    /// <summary>The name that means standard input.</summary>
    public const string Stdin = "-";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = PayloadBounds.MaxDepth };

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
        var isYaml = Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml";
        if (isYaml)
        {
            return YamlAnswers.Parse(name, text);
        }

        var json = ParseJson(name, text);
        return json.IsOk || Path.GetExtension(name).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? json
            : YamlAnswers.Parse(name, text).Match(ok => ok, _ => json);
    }

    private static Outcome<JsonElement> ParseJson(string name, ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"{Label(name)} is not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
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

    /// <summary>What the file is called in refusals.</summary>
    public static string Label(string name) => name == Stdin ? "standard input" : $"answers file `{name}`";
}
