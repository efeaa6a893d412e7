using System.Net;
using System.Threading.Channels;

namespace Gtc.Proxy.Http2.Tests;

/// <summary>A request's body that is said word by word; the answer may come meanwhile.</summary>
internal sealed class Spoken : HttpContent
{
    private readonly Channel<byte[]> _words = Channel.CreateUnbounded<byte[]>();

    public Spoken(string mediaType) => Headers.ContentType = new(mediaType);

    public ValueTask SayAsync(byte[] word) => _words.Writer.WriteAsync(word, TestContext.Current.CancellationToken);

    public void End() => _words.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (var word in _words.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(word);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
