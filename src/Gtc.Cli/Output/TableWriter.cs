using System.Runtime.CompilerServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gtc.Cli.Output;

/// <summary>Draws tables. The only place that loads the terminal library, so that everything else starts without it.</summary>
internal static class TableWriter
{
    /// <summary>Draws a table without borders, headings dimmed where colour may be used.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Write(TableView table, CliContext context)
    {
        using var drawing = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = context.HasColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = context.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new FixedWidthOutput(drawing, Math.Max(context.Width, 20)),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        var drawn = new Table { Border = TableBorder.None };
        foreach (var (index, column) in table.Columns.Index())
        {
            var title = new Text(column.Title.ToUpperInvariant(), new Style(decoration: Decoration.Dim));
            drawn.AddColumn(new Spectre.Console.TableColumn(title).NoWrap().Padding(0, 0, index == table.Columns.Length - 1 ? 0 : TableView.Gap, 0));
        }

        foreach (var row in table.Rows)
        {
            drawn.AddRow(row.Select(cell => (IRenderable)new Text(cell)));
        }

        console.Write(drawn);
        foreach (var line in drawing.ToString().AsSpan().TrimEnd().EnumerateLines())
        {
            // Cells are padded to their column; nobody needs the blanks at the end.
            context.Stdout.WriteLine(line.TrimEnd());
        }
    }

    private sealed class FixedWidthOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
            // The writer belongs to the caller.
        }
    }
}
