namespace Gtc.Cli.Output;

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>Sentences and tables for people.</summary>
    Table,

    /// <summary>One compact JSON line per result.</summary>
    Json,
}
