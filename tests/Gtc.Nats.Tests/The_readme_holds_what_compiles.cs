using System.Runtime.CompilerServices;

namespace Gtc.Nats.Tests;

public sealed class The_readme_holds_what_compiles
{
    [Fact]
    public async Task Each_line_of_its_examples_stands_here_in_the_same_order()
    {
        var source = Lines(await File.ReadAllTextAsync(This(), TestContext.Current.CancellationToken));
        var readme = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(This())!, "../../src/Gtc.Nats/README.md"), TestContext.Current.CancellationToken);
        var blocks = readme.Split("```csharp").Skip(1).Select(block => Lines(block.Split("```")[0])).ToList();

        blocks.Count.ShouldBe(4);
        foreach (var block in blocks)
        {
            source.ShouldContain(block);
        }
    }

    /// <summary>Compiled, not run: what it needs is proven elsewhere.</summary>
    internal static async Task ConnectAsync(CancellationToken stop)
    {
        var connected = await NatsConnection.ConnectAsync(new NatsOptions { Urls = ["nats://127.0.0.1:4222"] }, TimeProvider.System, stop);
        if (!connected.TryGet(out var connection, out var error))
        {
            Console.Error.WriteLine(error);
            return;
        }

        await using var _ = connection;
        await SpeakAsync(connection, default, stop);
        await KeepAsync(connection, default, stop);
    }

    private static async Task SpeakAsync(NatsConnection connection, ReadOnlyMemory<byte> payload, CancellationToken stop)
    {
        var subscribed = await connection.SubscribeAsync("greet.*", stop);
        if (subscribed.TryGet(out var greetings, out var refused))
        {
            await foreach (var message in greetings.ReadAllAsync(stop))
            {
                await message.ReplyAsync("hello"u8.ToArray(), stop);
            }
        }

        var answer = await connection.RequestAsync("greet.ada", "hi"u8.ToArray(), stop);
        await connection.PublishAsync("log.line", payload, new NatsHeaders { { "Level", "info" } }, replyTo: null, stop);
    }

    private static async Task KeepAsync(NatsConnection connection, ReadOnlyMemory<byte> value, CancellationToken stop)
    {
        var streams = connection.JetStream();
        var ensured = await streams.EnsureBucketAsync(new BucketConfig { Name = "device-state", AllowsRollUp = false }, stop);
        if (!ensured.TryGet(out var bucket, out var failed))
        {
            return;
        }

        var put = await bucket.PutAsync("state.pi-1.web", value, stop);                     // the revision
        var changed = await bucket.UpdateAsync("state.pi-1.web", value, put.Value, stop);   // compare and swap: WrongLastSequence when somebody else wrote
        var got = await bucket.GetAsync("state.pi-1.web", stop);                            // NotFound when it has no value or was deleted

        var opened = await bucket.WatchAsync("state.>", stop);
        if (opened.TryGet(out var watch, out var denied))
        {
            await using var __ = watch;
            await foreach (var entry in watch.ReadAllAsync(stop))
            {
                // Key, Value, Revision, Created, Operation, Headers, Pending: what is there first, then changes, deletions included.
            }

            // Only reached when there will be no more entries: watch.Error says why.
        }

        await WriteAsync(bucket, ["state.pi-1.web"], ["id"], value, stop);
    }

    private static async Task WriteAsync(Bucket bucket, string[] devices, string[] ids, ReadOnlyMemory<byte> value, CancellationToken stop)
    {
        var acknowledged = new NatsResult<PublishAck>[devices.Length];
        var writes = bucket.OpenPipeline(window: 1024, (tag, result) => acknowledged[tag] = result);
        for (var device = 0; device < devices.Length; device++)
        {
            var sent = await writes.PutAsync(devices[device], value, new BucketWrite { MessageId = ids[device] }, device, stop);
        }

        await writes.DrainAsync(stop);
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string This([CallerFilePath] string path = "") => path;
}
