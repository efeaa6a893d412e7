using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gtc.Artifacts.Distributor;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Tests.Distributor;

public class DistributorServerTests
{
    private static readonly byte[] Content = Bytes.Of(3_000_000);

    [Fact]
    public async Task What_is_served_can_be_pulled()
    {
        await using var served = await ServedFixture.StartAsync(static folder => folder.Write("served/app.gtbundle", Content));
        var (outcome, content) = await Pull.RunAsync($"{served.Server.Address}app.gtbundle");

        outcome.Value.Digest.ShouldBe(Content.Digest());
        content.ShouldBe(Content);
    }

    [Fact]
    public async Task Many_at_once_get_the_same_and_the_digest_is_computed_once()
    {
        var time = new LaterTime();
        await using var served = await ServedFixture.StartAsync(
            static folder => folder.Write("served/app.gtbundle", Content), options => options with { Time = time });
        var pulls = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Pull.RunAsync($"{served.Server.Address}app.gtbundle")));

        pulls.ShouldAllBe(static pull => pull.Outcome.Value.Digest == Content.Digest());
        served.Server.ComputedDigests.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_with_new_content_has_a_new_tag_even_at_the_same_size_and_time()
    {
        await using var served = await ServedFixture.StartAsync(static folder => folder.Write("served/app", Content));
        var path = served.Folder["served/app"];
        var written = File.GetLastWriteTimeUtc(path);
        using var before = await served.GetAsync("app");
        var renewed = Bytes.Of(Content.Length, seed: 9);
        await File.WriteAllBytesAsync(path, renewed, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(path, written);
        using var after = await served.GetAsync("app");

        before.Headers.ETag!.Tag.ShouldBe($"\"{Content.Digest()}\"");
        after.Headers.ETag!.Tag.ShouldBe($"\"{renewed.Digest()}\"");
    }

    [Fact]
    public async Task Digests_of_more_files_than_are_remembered_are_computed_again()
    {
        var time = new LaterTime();
        await using var served = await ServedFixture.StartAsync(
            static folder =>
            {
                folder.Write("served/a", [1]);
                folder.Write("served/b", [2]);
                folder.Write("served/c", [3]);
            },
            options => options with { Time = time, MaxCachedDigests = 2 });
        foreach (var name in new[] { "a", "b", "a", "c", "a", "b" })
        {
            (await served.GetAsync(name)).Dispose();
        }

        // a, b, c, and b again: it was the one not asked for longest when c came.
        served.Server.ComputedDigests.ShouldBe(4);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_never_looks_complete()
    {
        var large = Bytes.Of(40_000_000);
        await using var served = await ServedFixture.StartAsync(folder => folder.Write("served/app", large));
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, served.Server.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("GET /app HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var buffer = new byte[64 * 1024];
        var received = (long)await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        await using (var file = File.OpenWrite(served.Folder["served/app"]))
        {
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte((byte)~large[^1]);
        }

        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                received += count;
            }
        }
        catch (IOException)
        {
            // The connection was reset, as it should be.
        }

        received.ShouldBeLessThan(large.Length);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_cannot_be_served()
    {
        using var folder = new TempFolder();
        var outcome = await DistributorServer.StartAsync(new DistributorOptions { Folder = folder["none"] }, TestContext.Current.CancellationToken);

        outcome.Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_conflict()
    {
        await using var served = await ServedFixture.StartAsync(static _ => { });
        var options = new DistributorOptions { Folder = served.Folder.Root, Port = served.Server.Address.Port };
        var outcome = await DistributorServer.StartAsync(options, TestContext.Current.CancellationToken);

        outcome.Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("taken");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        using var folder = new TempFolder();
        var options = new DistributorOptions { Folder = folder.Root, Address = IPAddress.Parse("192.0.2.1") };
        var outcome = await DistributorServer.StartAsync(options, TestContext.Current.CancellationToken);

        outcome.Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public async Task Every_request_leaves_one_line_in_the_log()
    {
        var log = new RecordingLog();
        await using (var served = await ServedFixture.StartAsync(static folder => folder.Write("served/app", Content), options => options with { LoggerFactory = log }))
        {
            (await served.GetAsync("app")).Dispose();
            (await served.GetAsync("a%0Ab")).Dispose();
        }

        log.Lines.Count.ShouldBe(2);
        log.Lines.First().ShouldStartWith("GET /app 200 3000000 bytes in ");
        log.Lines.Last().ShouldStartWith("GET /a b 404 ");
    }

    /// <summary>A clock that is an hour ahead, for which every file of the test is old.</summary>
    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(1);
    }

    private sealed class RecordingLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 4201)
            {
                Lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
