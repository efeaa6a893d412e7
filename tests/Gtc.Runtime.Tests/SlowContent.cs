namespace Gtc.Runtime.Tests;

/// <summary>A body that is sent in two halves, the second one when the test says so.</summary>
internal sealed class SlowContent(byte[] content) : HttpContent
{
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Finish() => _finish.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
    {
        await stream.WriteAsync(content.AsMemory(0, 4), TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
        await _finish.Task.WaitAsync(TestContext.Current.CancellationToken);
        await stream.WriteAsync(content.AsMemory(4), TestContext.Current.CancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
