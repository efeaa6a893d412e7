using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Encodings.Web;

namespace Gtc.Store.Server;

/// <summary>An answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body; nothing for 204 and 304.</param>
internal sealed record Reply(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>The media type of a body that is no stream.</summary>
    public const string JsonType = "application/json";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entity tag without quotes, or null.</summary>
    public string? Etag { get; init; }

    /// <summary>How long to wait before asking again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether an earlier answer is given again.</summary>
    public bool IsReplay { get; init; }

    /// <summary>What is written after the head, in place of a body.</summary>
    public StreamedBody? Streamed { get; init; }

    /// <summary>Other fields of the head.</summary>
    public ImmutableArray<(string Name, string Value)> Fields { get; init; } = [];

    /// <summary>A problem.</summary>
    public static Reply Of(Problem problem)
    {
        var body = new JsonObject { ["kind"] = problem.Kind };
        foreach (var (name, value) in problem.Members)
        {
            body[name] = value?.DeepClone();
        }

        return Json(problem.Status, writer => body.WriteTo(writer));
    }

    /// <summary>A JSON body.</summary>
    public static Reply Json(int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            write(writer);
        }

        return new Reply(status, buffer.WrittenMemory);
    }

    /// <summary>A JSON object.</summary>
    public static Reply Object(int status, Action<Utf8JsonWriter> members) => Json(status, writer =>
    {
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    });
}

/// <summary>A body that is written piece by piece.</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Length">How many bytes it has; null for one that goes on until the caller leaves or the server stops.</param>
/// <param name="WriteAsync">Writes it.</param>
internal sealed record StreamedBody(string MediaType, long? Length, Func<Stream, CancellationToken, Task> WriteAsync);
