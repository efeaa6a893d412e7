using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Where log lines go: a stream for whoever watches, and a bounded file in the environment's log folder.</summary>
/// <remarks>A line, its end included, is written with one call under one lock, so lines never mix. A full disk costs log lines, never requests.</remarks>
internal sealed class LogSink : IDisposable
{
    /// <summary>A file is turned over at this size; one older file is kept.</summary>
    public const long MaxFileBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly Stream _console;
    private readonly bool _forPeople;
    private readonly string? _path;
    private FileStream? _file;

    public LogSink(Stream console, bool forPeople, string? folder)
    {
        _console = console;
        _forPeople = forPeople;
        _path = folder is null ? null : Path.Combine(folder, "worker.log");
        if (folder is not null)
        {
            TryFile(() =>
            {
                Directory.CreateDirectory(folder);
                _file = Open(_path!);
            });
        }
    }

    public void Write(LogLevel level, DateTimeOffset time, string message, Exception? exception, ReadOnlySpan<byte> json)
    {
        lock (_gate)
        {
            TryConsole(level, time, message, exception, json);
            WriteFile(json);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void TryConsole(LogLevel level, DateTimeOffset time, string message, Exception? exception, ReadOnlySpan<byte> json)
    {
        try
        {
            if (_forPeople)
            {
                var cause = exception is null ? string.Empty : $" ({exception.GetType().Name}: {exception.Message})";
                var text = string.Create(CultureInfo.InvariantCulture, $"{time:HH:mm:ss.fff} {Short(level)} {message}{cause}\n");
                _console.Write(System.Text.Encoding.UTF8.GetBytes(text));
            }
            else
            {
                _console.Write(json);
            }

            _console.Flush();
        }
        catch (IOException)
        {
            // Whoever read the stream has gone; the worker serves on.
        }
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        _ => "ERROR",
    };

    private void WriteFile(ReadOnlySpan<byte> json)
    {
        if (_file is null)
        {
            return;
        }

        var line = json.ToArray();
        TryFile(() =>
        {
            if (_file.Length > MaxFileBytes)
            {
                _file.Dispose();
                File.Move(_path!, _path + ".1", overwrite: true);
                _file = Open(_path!);
            }

            _file.Write(line);
        });
    }

    private void TryFile(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The stream still has every line; a log file that cannot be written must not stop the worker.
            _file?.Dispose();
            _file = null;
        }
    }
}
