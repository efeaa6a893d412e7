using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The answer of a change that stands (store-server.md §2.2).</summary>
internal static class Envelope
{
    /// <summary>Makes it.</summary>
    /// <param name="committed">The change.</param>
    /// <param name="document">The document after it, where the answer holds it; null when it cannot be had any more.</param>
    public static Reply Of(CommittedChange committed, EnvironmentDocument? document) => Reply.Object(200, writer =>
    {
        writer.WritePropertyName("result");
        WriteResult(writer, committed.Answer, document);
        writer.WriteString("etag", committed.Etag);
        writer.WriteNumber("generation", committed.Generation);
        writer.WriteStartObject("idempotency");
        writer.WriteString("idempotency", committed.IsReplay ? "replayed" : "applied");
        writer.WriteEndObject();
        writer.WritePropertyName("audit");
        writer.WriteRawValue(committed.Audit.Span, skipInputValidation: true);
    }) with { Etag = committed.Etag, IsReplay = committed.IsReplay };

    private static void WriteResult(Utf8JsonWriter writer, ChangeAnswer answer, EnvironmentDocument? document)
    {
        if (answer.Place == DocumentPlace.Result && document is not null)
        {
            writer.WriteRawValue(Documents.Environment.ToLine(document), skipInputValidation: true);
        }
        else if (answer.Result is { ValueKind: JsonValueKind.Object } result && answer.Place == DocumentPlace.Member && document is not null)
        {
            writer.WriteStartObject();
            foreach (var member in result.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WritePropertyName("environment");
            writer.WriteRawValue(Documents.Environment.ToLine(document), skipInputValidation: true);
            writer.WriteEndObject();
        }
        else if (answer.Result is { } plain)
        {
            plain.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
