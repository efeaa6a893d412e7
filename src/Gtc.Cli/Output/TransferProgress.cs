using Gtc.Artifacts.Sources;

namespace Gtc.Cli.Output;

/// <summary>One line on standard error that shows how far a transfer is: only at a terminal, and only when it takes longer than 300 ms.</summary>
internal sealed class TransferProgress : IProgress<PullProgress>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly string _what;
    private readonly CliContext _context;
    private readonly long _started;
    private long _drawn;
    private bool _isShown;

    /// <summary>Starts the clock.</summary>
    /// <param name="what">What is happening, e.g. <c>pulling</c>.</param>
    /// <param name="context">Where it is drawn.</param>
    public TransferProgress(string what, CliContext context)
    {
        _what = what;
        _context = context;
        _started = context.Time.GetTimestamp();
        _drawn = _started;
    }

    /// <inheritdoc/>
    public void Report(PullProgress value)
    {
        if (!_context.IsErrorTerminal || _context.Time.GetElapsedTime(_started) < Patience || (_isShown && _context.Time.GetElapsedTime(_drawn) < Refresh))
        {
            return;
        }

        _drawn = _context.Time.GetTimestamp();
        _isShown = true;
        var total = value.Total is { } all ? $" of {Figures.Size(all)}" : "";
        _context.Stderr.Write($"\r  {_what}  {Figures.Size(value.Bytes)}{total}   ");
    }

    /// <summary>Wipes the line, so that a result stands alone.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            _context.Stderr.Write($"\r{new string(' ', 60)}\r");
        }
    }
}
