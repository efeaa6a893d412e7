using System.Collections.Immutable;

namespace Gtc.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Rank">Columns with a higher rank are dropped first when the terminal is narrow; 0 stays.</param>
internal sealed record TableColumn(string Title, int Rank = 0);

/// <summary>A table before it is drawn.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The cells of each row, one per column.</param>
internal sealed record TableView(ImmutableArray<TableColumn> Columns, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>Blanks between columns.</summary>
    public const int Gap = 2;

    /// <summary>The same table without the columns that do not fit: columns are dropped before a cell wraps.</summary>
    public TableView FittedTo(int width)
    {
        var table = this;
        while (table.Width > width && table.Columns.Any(column => column.Rank > 0))
        {
            var rank = table.Columns.Max(column => column.Rank);
            var dropped = table.Columns.Select((column, index) => (column, index)).Last(entry => entry.column.Rank == rank).index;
            table = new(table.Columns.RemoveAt(dropped), [.. table.Rows.Select(row => row.RemoveAt(dropped))]);
        }

        return table;
    }

    private int Width => Columns.Select((column, index) => Math.Max(column.Title.Length, Rows.Max(row => row[index].Length)) + Gap).Sum() - Gap;
}
