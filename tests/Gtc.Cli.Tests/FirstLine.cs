namespace Gtc.Cli.Tests;

/// <summary>A writer that hands out its first line.</summary>
internal sealed class FirstLine : StringWriter
{
    private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Line => _line.Task;

    public override void WriteLine(string? value) => _line.TrySetResult(value ?? "");
}
