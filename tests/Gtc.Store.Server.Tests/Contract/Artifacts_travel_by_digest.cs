using System.Net.Http.Headers;
using System.Security.Cryptography;
using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Bytes under their digest: received whole or not at all, piece by piece, and read by ranges.</summary>
public abstract class Artifacts_travel_by_digest<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private static readonly byte[] Bytes = Enumerable.Range(0, 700_000).Select(index => (byte)(index * 31 / 7)).ToArray();

    [Fact]
    public async Task What_is_put_is_there_and_putting_it_again_changes_nothing()
    {
        (await HeadAsync(Bytes)).Must(404).Offset.ShouldBe(0);
        (await GetAsync(Bytes)).Must(404);
        (await PutAsync(Bytes, Bytes)).Must(201).Text.ShouldContain($"\"size_bytes\":{Bytes.Length}");
        (await PutAsync(Bytes, Bytes)).Must(200);
        (await HeadAsync(Bytes)).Must(200).Length.ShouldBe(Bytes.Length);
        var read = (await GetAsync(Bytes)).Must(200);
        read.Body.ShouldBe(Bytes);
        read.Etag.ShouldBe($"\"{Hex(Bytes)}\"");
        (await GetAsync(Bytes, request => request.Headers.TryAddWithoutValidation("If-None-Match", read.Etag))).Must(304);
        (await PutAsync([], [])).Must(201);
        (await GetAsync([])).Must(200).Body.ShouldBeEmpty();
        (await Client.GetAsync("/metrics")).Text.ShouldContain("gtc_store_artifact_uploads_total{end=\"whole\"} 2");
    }

    [Fact]
    public async Task Bytes_of_another_digest_are_refused_and_nothing_is_kept()
    {
        var flipped = (byte[])Bytes.Clone();
        flipped[350_000] ^= 1;
        var refused = (await PutAsync(Bytes, flipped)).Must(422);
        refused.Text.ShouldContain("integrity-mismatch");
        refused.Text.ShouldContain(Hex(flipped));
        (await HeadAsync(Bytes)).Must(404).Offset.ShouldBe(0);
        (await GetAsync(flipped)).Must(404);
        (await PutAsync(Bytes, Bytes)).Must(201);
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_ended()
    {
        (await PutAsync(Bytes, Bytes[..100_000], 0)).Must(202).Offset.ShouldBe(100_000);
        (await GetAsync(Bytes)).Must(404);
        (await HeadAsync(Bytes)).Must(404).Offset.ShouldBe(100_000);

        // Neither a gap nor bytes twice.
        (await PutAsync(Bytes, Bytes[200_000..], 200_000)).Must(409).Offset.ShouldBe(100_000);
        (await PutAsync(Bytes, Bytes[50_000..], 50_000)).Must(409).Offset.ShouldBe(100_000);
        (await PutAsync(Bytes, Bytes[100_000..500_000], 100_000)).Must(202).Offset.ShouldBe(500_000);
        (await PutAsync(Bytes, Bytes[500_000..], 500_000)).Must(201);
        (await GetAsync(Bytes)).Must(200).Body.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Without_a_range_it_begins_anew()
    {
        (await PutAsync(Bytes, new byte[300_000], 0)).Must(202);
        (await PutAsync(Bytes, Bytes)).Must(201);
        (await GetAsync(Bytes)).Must(200).Body.ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_prefix_that_was_something_else_is_found_out()
    {
        (await PutAsync(Bytes, new byte[300_000], 0)).Must(202);
        (await PutAsync(Bytes, Bytes[300_000..], 300_000)).Must(422);
        (await HeadAsync(Bytes)).Must(404).Offset.ShouldBe(0);
    }

    [Fact]
    public async Task An_upload_survives_the_server_and_is_finished_without_a_byte_more()
    {
        (await PutAsync(Bytes, Bytes[..400_000], 0)).Must(202);
        await Lab.StopAsync();
        using var again = await Lab.StartAsync();
        (await HeadAsync(Bytes, again)).Must(404).Offset.ShouldBe(400_000);
        (await PutAsync(Bytes, [], null, "bytes */700000", again)).Must(409).Offset.ShouldBe(400_000);
        (await PutAsync(Bytes, Bytes[400_000..], 400_000, client: again)).Must(201);
        (await GetAsync(Bytes, client: again)).Must(200).Body.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Ranges_are_read()
    {
        await PutAsync(Bytes, Bytes);
        await RangeAsync("bytes=0-9", 206, "bytes 0-9/700000", Bytes[..10]);
        await RangeAsync("bytes=699990-", 206, "bytes 699990-699999/700000", Bytes[^10..]);
        await RangeAsync("bytes=-5", 206, "bytes 699995-699999/700000", Bytes[^5..]);
        await RangeAsync("bytes=-9000000", 206, "bytes 0-699999/700000", Bytes);
        await RangeAsync("bytes=699999-9000000", 206, "bytes 699999-699999/700000", Bytes[^1..]);
        await RangeAsync("bytes=700000-", 416, "bytes */700000", null);
        await RangeAsync("bytes=0-1,5-6", 200, null, Bytes);
        await RangeAsync("lines=0-1", 200, null, Bytes);
        (await GetAsync(Bytes, request =>
        {
            request.Headers.TryAddWithoutValidation("Range", "bytes=0-9");
            request.Headers.TryAddWithoutValidation("If-Range", "\"another\"");
        })).Must(200).Body.ShouldBe(Bytes);
    }

    [Theory]
    [InlineData("bytes 0-9/700000", 20)]
    [InlineData("bytes 5-2/700000", 4)]
    [InlineData("bytes 0-9/*", 10)]
    [InlineData("bytes 0-9/5", 10)]
    [InlineData("lines 0-9/700000", 10)]
    [InlineData("nonsense", 10)]
    [InlineData("bytes */700000", 10)]
    public async Task A_range_that_makes_no_sense_is_refused(string range, int count) =>
        (await PutAsync(Bytes, new byte[count], null, range)).Must(400).Text.ShouldContain("invalid-request");

    [Theory]
    [InlineData("sha256:abc")]
    [InlineData("md5:9e107d9d372bb6826bd81d3542a419d6")]
    [InlineData("..")]
    public async Task A_name_that_is_no_digest_is_refused(string name)
    {
        (await SendAsync(Client, HttpMethod.Get, $"/artifacts/{name}", null)).Status.ShouldBeOneOf(400, 404);
        (await SendAsync(Client, HttpMethod.Put, $"/artifacts/{name}", [1])).Status.ShouldBeOneOf(400, 404);
    }

    [Fact]
    public async Task Who_may_stage_nothing_sends_nothing_and_whoever_is_known_reads()
    {
        await Lab.StopAsync();
        var tokens = Tokens.Write(
            Lab,
            Tokens.Entry("ci", "operator", "\"env_ids\":[\"staging\"]"),
            Tokens.Entry("eve", "read-only"),
            Tokens.Entry("dial", "operator", "\"verbs\":[\"traffic.*\"]"));
        using var client = await Lab.StartAsync(options => options with { Tokens = tokens, StrangerLimit = new RateLimit(100, 1) });
        foreach (var (token, status) in ((string?, int)[])[(null, 401), ("x", 401), ("eve", 403), ("dial", 403)])
        {
            client.Token = token;
            (await PutAsync(Bytes, Bytes, client: client)).Must(status).Text.ShouldContain("unauthorized");
        }

        client.Token = "ci";
        (await PutAsync(Bytes, Bytes, client: client)).Must(201);
        client.Token = "eve";
        (await GetAsync(Bytes, client: client)).Must(200);
        client.Token = null;
        (await GetAsync(Bytes, client: client)).Must(401);
        (await HeadAsync(Bytes, client)).Must(401);
    }

    [Fact]
    public async Task Each_caller_has_uploads_of_its_own()
    {
        await Lab.StopAsync();
        var tokens = Tokens.Write(Lab, Tokens.Entry("ada", "operator"), Tokens.Entry("bob", "operator"));
        using var client = await Lab.StartAsync(options => options with { Tokens = tokens });
        client.Token = "ada";
        (await PutAsync(Bytes, new byte[1000], 0, client: client)).Must(202);
        client.Token = "bob";
        (await HeadAsync(Bytes, client)).Must(404).Offset.ShouldBe(0);
        (await PutAsync(Bytes, Bytes, client: client)).Must(201);
        client.Token = "ada";
        (await PutAsync(Bytes, Bytes[1000..], 1000, client: client)).Must(200);
    }

    [Fact]
    public async Task More_than_an_artifact_may_have_is_refused_before_it_is_read()
    {
        await Lab.StopAsync();
        using var client = await Lab.StartAsync(options => options with { MaxArtifactBytes = 100_000 });
        (await PutAsync(Bytes, Bytes, client: client)).Must(413).Text.ShouldContain("too-large");
        (await PutAsync(Bytes, Bytes[..10], 0, client: client)).Must(413);
        var little = new byte[100_000];
        (await PutAsync(little, little, client: client)).Must(201);
    }

    [Fact]
    public async Task Uploads_that_nobody_goes_on_with_are_collected_by_age()
    {
        await Lab.StopAsync();
        var time = new ManualTime();
        Lab.Time = time;
        using var client = await Lab.StartAsync(options => options with { Time = time });
        (await PutAsync(Bytes, Bytes[..1000], 0, client: client)).Must(202);
        time.Advance(TimeSpan.FromHours(23));
        var other = new byte[10];
        (await PutAsync(other, other[..5], 0, client: client)).Must(202);
        (await HeadAsync(Bytes, client)).Must(404).Offset.ShouldBe(1000);
        time.Advance(TimeSpan.FromHours(2));
        (await PutAsync(other, other[5..], 5, client: client)).Must(201);
        (await HeadAsync(Bytes, client)).Must(404).Offset.ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_that_was_cut_goes_on_before_the_server_noticed()
    {
        using var stop = new CancellationTokenSource();
        var half = new HalfBody(Bytes[..300_000]);
        using var request = new HttpRequestMessage(HttpMethod.Put, Path(Bytes)) { Content = half };
        request.Content.Headers.ContentLength = Bytes.Length;
        var first = Client.Http.SendAsync(request, stop.Token);
        await half.Sent.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        while ((await HeadAsync(Bytes)).Offset == 0)
        {
            // They are on their way.
        }

        // The first request is still open. Who comes later has the upload.
        (await PutAsync(Bytes, Bytes)).Must(201);
        await stop.CancelAsync();
        half.Release.SetResult();
        await Should.ThrowAsync<Exception>(first);
        (await GetAsync(Bytes)).Must(200).Body.ShouldBe(Bytes);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Path(byte[] bytes) => $"/artifacts/sha256:{Hex(bytes)}";

    private Task<BytesAnswer> HeadAsync(byte[] bytes, StoreClient? client = null) => SendAsync(client ?? Client, HttpMethod.Head, Path(bytes), null);

    private Task<BytesAnswer> GetAsync(byte[] bytes, Action<HttpRequestMessage>? more = null, StoreClient? client = null) => SendAsync(client ?? Client, HttpMethod.Get, Path(bytes), null, more);

    private Task<BytesAnswer> PutAsync(byte[] artifact, byte[] body, int? from = null, string? range = null, StoreClient? client = null) => SendAsync(client ?? Client, HttpMethod.Put, Path(artifact), body, request =>
    {
        request.Headers.ExpectContinue = true;
        if (from is { } first)
        {
            request.Content!.Headers.ContentRange = new ContentRangeHeaderValue(first, first + body.Length - 1, artifact.Length);
        }
        else if (range is not null)
        {
            request.Content!.Headers.TryAddWithoutValidation("Content-Range", range);
        }
    });

    private async Task RangeAsync(string range, int status, string? contentRange, byte[]? body)
    {
        var answer = (await GetAsync(Bytes, request => request.Headers.TryAddWithoutValidation("Range", range))).Must(status);
        answer.ContentRange.ShouldBe(contentRange, range);
        if (body is not null)
        {
            answer.Body.ShouldBe(body, range);
        }
    }

    private static async Task<BytesAnswer> SendAsync(StoreClient client, HttpMethod method, string path, byte[]? body, Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
        if (client.Token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {client.Token}");
        }

        more?.Invoke(request);
        using var response = await client.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new BytesAnswer(
            (int)response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            response.Headers.ETag?.Tag,
            response.Content.Headers.ContentRange?.ToString(),
            response.Content.Headers.ContentLength ?? 0,
            response.Headers.TryGetValues("Upload-Offset", out var offsets) ? long.Parse(offsets.Single(), System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private sealed record BytesAnswer(int Status, byte[] Body, string? Etag, string? ContentRange, long Length, long? Offset)
    {
        public string Text => System.Text.Encoding.UTF8.GetString(Body);

        public BytesAnswer Must(int status)
        {
            Status.ShouldBe(status, Body.Length < 2000 ? Text : "");
            return this;
        }
    }

    /// <summary>Sends a part, and then nothing until it is released.</summary>
    private sealed class HalfBody(byte[] part) : HttpContent
    {
        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(part);
            await stream.FlushAsync();
            Sent.SetResult();
            await Release.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
