using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Cli.Output;

/// <summary>Prints results for people on standard output.</summary>
internal sealed class Screen
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CliContext _context;

    /// <summary>Makes the screen of a context.</summary>
    public Screen(CliContext context) => _context = context;

    /// <summary>One sentence.</summary>
    public void Say(string sentence) => _context.Stdout.WriteLine(sentence);

    /// <summary>A JSON document, indented.</summary>
    public void Json(JsonNode document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            document.WriteTo(writer);
        }

        Say(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Labelled values, aligned; those without a value are left out.</summary>
    public void Facts(params ReadOnlySpan<(string Label, string? Value)> facts)
    {
        var column = 0;
        foreach (var (label, value) in facts)
        {
            column = value is null ? column : Math.Max(column, label.Length + 2);
        }

        foreach (var (label, value) in facts)
        {
            if (value is not null)
            {
                _context.Stdout.WriteLine($"  {label.PadRight(column)}{value}");
            }
        }
    }

    /// <summary>A table, or a sentence when it has no rows.</summary>
    public void Table(TableView table, string whenEmpty)
    {
        if (table.Rows.IsEmpty)
        {
            Say(whenEmpty);
            return;
        }

        TableWriter.Write(table.FittedTo(_context.Width), _context);
    }

    /// <summary>How long ago something was, in its largest unit, e.g. <c>3 min ago</c>.</summary>
    public string Ago(DateTimeOffset time)
    {
        var age = _context.Time.GetUtcNow() - time;
        var (count, unit) = age switch
        {
            { TotalSeconds: < 60 } => (Math.Max(0, (long)age.TotalSeconds), "s"),
            { TotalMinutes: < 60 } => ((long)age.TotalMinutes, "min"),
            { TotalHours: < 48 } => ((long)age.TotalHours, "h"),
            _ => ((long)age.TotalDays, "d"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count} {unit} ago");
    }
}
