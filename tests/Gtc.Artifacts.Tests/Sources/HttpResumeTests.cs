using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Sources;

public class HttpResumeTests
{
    private static readonly byte[] Content = Bytes.Of(700_000);
    private static readonly DateTimeOffset Modified = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Cuts_at_any_byte_are_resumed_and_the_digest_is_right()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var content = Bytes.Of(random.Next(1, 400_000), seed);
            var cuts = new Queue<int>(Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(0, content.Length)));
            await using var server = await ScriptedServer.StartAsync(async context =>
            {
                var start = Replies.RangeStart(context.Request) ?? 0;
                int? cut = cuts.TryDequeue(out var after) ? random.Next(start, Math.Max(start, after) + 1) : null;
                await Replies.BytesAsync(context, content, cutAfter: cut, reset: seed % 2 == 0);
            });
            // Two cuts at byte 0 in a row bring nothing; the bound is not what this test is about.
            var (outcome, pulled) = await Pull.RunAsync(server.Address.ToString(), Pull.Quick with { Attempts = 8 });

            outcome.Refusal?.AllText().ShouldBeNull($"seed {seed}");
            outcome.Value.Digest.ShouldBe(content.Digest(), $"seed {seed}");
            pulled.ShouldBe(content, $"seed {seed}");
            foreach (var request in server.Requests.Skip(1).Where(static request => request["Range"] is not null))
            {
                request["If-Range"].ShouldBe("\"v1\"");
            }
        }
    }

    [Fact]
    public async Task Progress_renews_the_number_of_attempts()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
            Replies.BytesAsync(context, Content, cutAfter: (Replies.RangeStart(context.Request) ?? 0) + (Content.Length / 20)));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        server.Requests.Count.ShouldBeGreaterThan(15);
    }

    [Fact]
    public async Task A_source_that_always_cuts_at_the_same_place_is_given_up()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
            Replies.BytesAsync(context, Content, cutAfter: 1000, honourRange: false));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("bytes").ShouldBe("1,000");
        server.Requests.Count.ShouldBeLessThan(7);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_read_from_the_start()
    {
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
            Replies.BytesAsync(context, Content, cutAfter: Once(ref cut), honourRange: false));
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        content.ShouldBe(Content);
    }

    [Fact]
    public async Task A_changed_tag_brings_the_new_bytes_and_only_those()
    {
        var renewed = Bytes.Of(500_000, seed: 2);
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context => cut
            ? Replies.BytesAsync(context, Content, "\"old\"", Once(ref cut))
            : Replies.BytesAsync(context, renewed, "\"new\""));
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(renewed.Digest());
        content.ShouldBe(renewed);
    }

    [Fact]
    public async Task A_part_under_another_tag_is_not_mixed_in()
    {
        var renewed = Bytes.Of(Content.Length, seed: 2);
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (cut)
            {
                return Replies.BytesAsync(context, Content, "\"old\"", Once(ref cut));
            }

            // This server ignores If-Range: it answers 206 although the bytes changed.
            context.Request.Headers.IfRange = "";
            return Replies.BytesAsync(context, renewed, "\"new\"");
        });
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(renewed.Digest());
        content.ShouldBe(renewed);
        server.Requests.Last()["Range"].ShouldBeNull();
    }

    [Theory]
    [InlineData("bytes 0-699999/700000")]
    [InlineData("bytes 350001-699999/700000")]
    [InlineData("bytes 350000-700000/700000")]
    [InlineData("rows 350000-699999/700000")]
    [InlineData("bytes */700000")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_wrong_Content_Range_is_not_believed(string? range)
    {
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (cut || Replies.RangeStart(context.Request) is null)
            {
                return Replies.BytesAsync(context, Content, cutAfter: Once(ref cut));
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = range;
            context.Response.Headers.ETag = "\"v1\"";
            return context.Response.Body.WriteAsync(Content.AsMemory(1000, 350_000)).AsTask();
        });
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        content.ShouldBe(Content);
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_date_resumes_when_there_is_no_strong_tag()
    {
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
            Replies.BytesAsync(context, Content, "W/\"weak\"", Once(ref cut), modified: Modified));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        var second = server.Requests.Last();
        second["If-Range"].ShouldBe("Sun, 01 Nov 2026 08:00:00 GMT");
        second["Range"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_a_validator_everything_is_fetched_again()
    {
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
            Replies.BytesAsync(context, Content, "W/\"weak\"", Once(ref cut)));
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        server.Requests.Last()["Range"].ShouldBeNull();
    }

    [Fact]
    public async Task A_source_that_shrank_is_fetched_again()
    {
        var shrunk = Content[..1000];
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context => cut
            ? Replies.BytesAsync(context, Content, cutAfter: Once(ref cut))
            : Replies.BytesAsync(context, shrunk));
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(shrunk.Digest());
        content.ShouldBe(shrunk);
    }

    [Fact]
    public async Task Parts_that_are_smaller_than_asked_for_are_put_together()
    {
        var cut = true;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (cut || Replies.RangeStart(context.Request) is not { } start)
            {
                return Replies.BytesAsync(context, Content, cutAfter: Once(ref cut));
            }

            var end = Math.Min(start + 100_000, Content.Length);
            context.Response.StatusCode = 206;
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.Headers.ContentRange = $"bytes {start}-{end - 1}/{Content.Length}";
            return context.Response.Body.WriteAsync(Content.AsMemory(start, end - start)).AsTask();
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Value.Digest.ShouldBe(Content.Digest());
        server.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_stall_in_the_middle_is_resumed()
    {
        var stalled = false;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (stalled)
            {
                await Replies.BytesAsync(context, Content);
                return;
            }

            stalled = true;
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.ContentLength = Content.Length;
            await context.Response.Body.WriteAsync(Content.AsMemory(0, 100_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString(), Pull.Quick with { StallTimeout = TimeSpan.FromSeconds(2) });

        outcome.Value.Digest.ShouldBe(Content.Digest());
        server.Requests.ElementAt(1)["Range"].ShouldBe("bytes=100000-");
    }

    // Half of the content on the first call, all of it later.
    private static int? Once(ref bool cut)
    {
        var after = cut ? Content.Length / 2 : (int?)null;
        cut = false;
        return after;
    }
}
