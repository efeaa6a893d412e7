using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Cli.Demo;

/// <summary>Tells the demo's steps as they happen: aligned lines at a terminal, one JSON line each in a pipe.</summary>
internal sealed class DemoSteps(CliContext context)
{
    private const string Bold = "\e[1m";
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line.</summary>
    public void Title(string text)
    {
        if (context.IsTerminal)
        {
            context.Stdout.WriteLine($"{Style(Bold, text)}\n");
        }
    }

    /// <summary>A step.</summary>
    /// <param name="name">One word.</param>
    /// <param name="text">What happened, for people.</param>
    /// <param name="values">The same for programs.</param>
    /// <param name="isPart">A part of the step before.</param>
    public void Tell(string name, string text, IReadOnlyList<(string Name, string Value)> values, bool isPart = false)
    {
        if (context.IsTerminal)
        {
            context.Stdout.WriteLine(isPart ? $"           {Style(Dim, name.PadRight(8))}{text}" : $"  {Style(Bold, name.PadRight(9))}{text}");
        }
        else
        {
            context.Stdout.WriteLine(Json(name, text, values));
        }

        context.Stdout.Flush();
    }

    /// <summary>What a person may do next.</summary>
    public void Close(params ReadOnlySpan<string> lines)
    {
        if (!context.IsTerminal)
        {
            return;
        }

        context.Stdout.WriteLine();
        foreach (var line in lines)
        {
            context.Stdout.WriteLine(line);
        }
    }

    private static string Json(string name, string text, IReadOnlyList<(string Name, string Value)> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("step", name);
            json.WriteString("text", text);
            foreach (var (key, value) in values)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private string Style(string style, string text) => context.HasColor ? style + text + Plain : text;
}
