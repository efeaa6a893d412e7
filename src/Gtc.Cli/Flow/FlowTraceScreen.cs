using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Cli.Components;
using Gtc.Cli.Output;

namespace Gtc.Cli.Flow;

/// <summary>Prints a trace for people: one line per node, then the replies.</summary>
internal static class FlowTraceScreen
{
    private const int MostCharacters = 70;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints messages one after the other.</summary>
    public static void Show(FlowsRan ran, Screen screen)
    {
        foreach (var (index, message) in ran.Messages.Index())
        {
            if (index > 0)
            {
                screen.Say("");
            }

            Show(message, screen);
        }
    }

    private static void Show(MessageRan message, Screen screen)
    {
        screen.Say($"→ {Short(message.Entry, int.MaxValue)}   flow {message.Flow}, {Ms(message.ElapsedMs)}");
        screen.Table(new([new("node"), new("runs"), new("time", 1), new("output", 2), new("then")], [.. message.Nodes.Select(Row)]), "  No node ran.");
        foreach (var line in message.Log)
        {
            screen.Say($"  log  {Printable.Of(line)}");
        }

        foreach (var reply in message.Replies)
        {
            screen.Say($"← {(message.Failed ? Failure(reply) : Short(reply, int.MaxValue))}");
        }

        if (message.WaitsAt is { } node)
        {
            screen.Say($"  waits for the next message at {node}");
        }
    }

    private static ImmutableArray<string> Row(NodeRan node) =>
    [
        new string(' ', node.Depth * 2) + (node.Depth > 0 ? $"{node.Flow}/{node.Node}" : node.Node),
        node.Operation is null ? node.Component : $"{node.Component} {node.Operation}",
        Ms(node.ElapsedMs),
        node.Error is { } error ? Cut($"failed: {error}", MostCharacters) : node.Output is { } output ? Short(output, MostCharacters) : "",
        node.Then switch { null => "", "end" => "end", "park" => $"waits, then {node.Target}", "jump" => $"jumps to {node.Target}", _ => node.Target ?? "" },
    ];

    private static string Failure(JsonElement reply) =>
        reply.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("error_message", out var message) ? $"failed: {Printable.Of(message.GetString() ?? "")}" : Short(reply, int.MaxValue);

    private static string Short(JsonElement value, int most)
    {
        // A reply that is a text and nothing else is shown as that text.
        var text = value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 1 && value.TryGetProperty("text", out var only) && only.ValueKind == JsonValueKind.String
            ? $"\"{only.GetString()}\""
            : Compact(value);
        return Cut(Printable.Of(text), most);
    }

    private static string Compact(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..most]}…";

    private static string Ms(double milliseconds) => $"{milliseconds.ToString("F1", CultureInfo.InvariantCulture)} ms";
}
