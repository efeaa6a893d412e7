using System.IO.Compression;
using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Sources;

public class HttpPullTests
{
    private static readonly byte[] Content = Bytes.Of(300_000);

    [Fact]
    public async Task A_bundle_arrives_with_the_digest_of_its_bytes()
    {
        await using var server = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        var (outcome, content) = await Pull.RunAsync($"{server.Address}app.gtbundle");

        outcome.Value.ShouldBe(new PulledBundle(Content.Length, Content.Digest(), $"{server.Address}app.gtbundle", null));
        content.ShouldBe(Content);
        server.Requests.ShouldHaveSingleItem()["Accept-Encoding"].ShouldBe("identity");
    }

    [Fact]
    public async Task An_empty_bundle_is_a_bundle()
    {
        await using var server = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, []));
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Array.Empty<byte>().Digest());
        content.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_without_a_length_is_read_to_its_end()
    {
        await using var server = await ScriptedServer.StartAsync(static context => context.Response.Body.WriteAsync(Content).AsTask());
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
    }

    [Fact]
    public async Task Progress_ends_with_the_whole_and_knows_the_total()
    {
        var content = Bytes.Of(5 << 20);
        await using var server = await ScriptedServer.StartAsync(context => Replies.BytesAsync(context, content));
        var seen = new Recorder();
        await Pull.RunAsync(server.Address.ToString(), progress: seen);

        seen.Reports.Count.ShouldBeGreaterThan(3);
        seen.Reports[^1].ShouldBe(new PullProgress(content.Length, content.Length));
        seen.Reports.Select(static report => report.Bytes).ShouldBeInOrder();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(204)]
    [InlineData(206)]
    public async Task A_final_answer_is_not_asked_for_again(int status)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        var refusal = outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        refusal.Detail("status").ShouldBe($"{status}");
        refusal.Detail("attempts").ShouldBe("1");
        server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_passing_trouble_is_outlived(int status)
    {
        var left = 3;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (left-- == 0)
            {
                return Replies.BytesAsync(context, Content);
            }

            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        server.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_lasting_trouble_ends_after_four_attempts_with_doubling_waits()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var time = new InstantTime(TimeSpan.FromSeconds(9));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString(), PullOptions.Default, time: time);

        outcome.Refusal!.Detail("attempts").ShouldBe("4");
        outcome.Refusal!.Detail("cause").ShouldBe("the server answered 503");
        time.Waits.ShouldBe([TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)]);
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_given_up_within_ten_seconds()
    {
        string address;
        await using (var gone = await ScriptedServer.StartAsync(static _ => Task.CompletedTask))
        {
            address = gone.Address.ToString();
        }

        var time = new InstantTime(TimeSpan.FromSeconds(9));
        var (outcome, _) = await Pull.RunAsync(address, PullOptions.Default, time: time);

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("cause").ShouldNotBeNull().ShouldContain("refused", Case.Insensitive);
        time.Waits.Aggregate(TimeSpan.Zero, static (sum, wait) => sum + wait).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        var asked = 0;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (asked++ > 0)
            {
                return Replies.BytesAsync(context, Content);
            }

            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        });
        var time = new InstantTime(TimeSpan.FromSeconds(9));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString(), PullOptions.Default, time: time);

        outcome.IsOk.ShouldBeTrue();
        time.Waits.ShouldBe([TimeSpan.FromSeconds(7)]);
    }

    [Fact]
    public async Task A_Retry_After_beyond_the_bound_ends_the_pull()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Refusal!.Message.ShouldContain("asks to wait 3600 s");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task User_information_becomes_basic_credentials_and_is_never_shown()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync($"http://ada:s%3Acret@{server.Authority}/app?sig=topsecret#part");

        server.Requests.ShouldHaveSingleItem()["Authorization"].ShouldBe("Basic YWRhOnM6Y3JldA==");
        var text = outcome.Refusal!.AllText();
        text.ShouldNotContain("cret");
        text.ShouldNotContain("ada");
        outcome.Refusal!.Detail("url").ShouldBe($"{server.Address}app?…");
    }

    [Fact]
    public async Task Compressed_bytes_are_not_the_bundle()
    {
        await using var server = await ScriptedServer.StartAsync(static async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Content);
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Refusal!.Message.ShouldContain("compressed");
    }

    [Fact]
    public async Task Cancellation_is_not_a_refusal()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Should.ThrowAsync<OperationCanceledException>(() => Pull.RunAsync(server.Address.ToString(), cancellationToken: cancellation.Token));
    }

    private sealed class Recorder : IProgress<PullProgress>
    {
        public List<PullProgress> Reports { get; } = [];

        public void Report(PullProgress value) => Reports.Add(value);
    }
}
