using System.Globalization;
using System.Net;
using Gtc.Artifacts.Tests.Sources;

namespace Gtc.Artifacts.Tests.Distributor;

public class FileSemanticsTests
{
    private const string Modified = "Fri, 20 Nov 2026 08:00:00 GMT";
    private const string Earlier = "Fri, 20 Nov 2026 07:59:59 GMT";
    private const string Later = "Fri, 20 Nov 2026 08:00:01 GMT";

    private static readonly byte[] Content = Bytes.Of(1000);
    private static readonly string Tag = $"\"{Content.Digest()}\"";

    [Fact]
    public async Task A_file_comes_with_its_digest_and_its_length()
    {
        await using var served = await StartAsync();
        using var response = await served.GetAsync("app.gtbundle");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(Content);
        response.Headers.ETag!.ToString().ShouldBe(Tag);
        response.Headers.AcceptRanges.ShouldBe(["bytes"]);
        response.Headers.GetValues("Repr-Digest").ShouldBe([$"sha-256=:{Convert.ToBase64String(Convert.FromHexString(Content.Digest().Hex))}:"]);
        response.Content.Headers.ContentLength.ShouldBe(1000);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/octet-stream");
        response.Content.Headers.LastModified!.Value.ToString("R", CultureInfo.InvariantCulture).ShouldBe(Modified);
    }

    [Fact]
    public async Task HEAD_tells_the_same_without_the_body()
    {
        await using var served = await StartAsync();
        using var response = await served.SendAsync(HttpMethod.Head, "app.gtbundle", ("Range", "bytes=0-9"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentLength.ShouldBe(1000);
        response.Headers.ETag!.ToString().ShouldBe(Tag);
    }

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=0-999", 206, 0, 1000)]
    [InlineData("bytes=0-", 206, 0, 1000)]
    [InlineData("bytes=990-", 206, 990, 10)]
    [InlineData("bytes=999-5000", 206, 999, 1)]
    [InlineData("bytes=-1", 206, 999, 1)]
    [InlineData("bytes=-1000", 206, 0, 1000)]
    [InlineData("bytes=-5000", 206, 0, 1000)]
    [InlineData("BYTES=5-9", 206, 5, 5)]
    [InlineData("bytes=1000-", 416, 0, 0)]
    [InlineData("bytes=5000-6000", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=99999999999999999999-", 200, 0, 1000)]
    [InlineData("bytes=9-5", 200, 0, 1000)]
    [InlineData("bytes=", 200, 0, 1000)]
    [InlineData("bytes=a-b", 200, 0, 1000)]
    [InlineData("bytes=-", 200, 0, 1000)]
    [InlineData("rows=0-5", 200, 0, 1000)]
    [InlineData("bytes=0-1,5-6", 200, 0, 1000)]
    public async Task A_range_is_served(string range, int status, int offset, int length)
    {
        await using var served = await StartAsync();
        using var response = await served.GetAsync("app.gtbundle", ("Range", range));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(Content[offset..(offset + length)]);
        response.Content.Headers.ContentRange?.ToString().ShouldBe(status switch
        {
            206 => $"bytes {offset}-{offset + length - 1}/1000",
            416 => "bytes */1000",
            _ => null,
        });
    }

    [Theory]
    [InlineData("If-None-Match", "TAG", 304)]
    [InlineData("If-None-Match", "W/TAG", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"x\", TAG", 304)]
    [InlineData("If-None-Match", "\"x\"", 200)]
    [InlineData("If-None-Match", "nonsense", 200)]
    [InlineData("If-Modified-Since", Modified, 304)]
    [InlineData("If-Modified-Since", Later, 304)]
    [InlineData("If-Modified-Since", Earlier, 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    [InlineData("If-Match", "TAG", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "W/TAG", 412)]
    [InlineData("If-Match", "\"x\"", 412)]
    [InlineData("If-Unmodified-Since", Modified, 200)]
    [InlineData("If-Unmodified-Since", Earlier, 412)]
    [InlineData("If-None-Match|If-Modified-Since", "\"x\"|" + Later, 200)]
    [InlineData("If-None-Match|If-Modified-Since", "TAG|" + Earlier, 304)]
    [InlineData("If-Match|If-Unmodified-Since", "TAG|" + Earlier, 200)]
    [InlineData("If-Match|If-None-Match", "\"x\"|TAG", 412)]
    [InlineData("If-None-Match|Range", "TAG|bytes=0-1", 304)]
    [InlineData("If-Match|Range", "TAG|bytes=0-1", 206)]
    [InlineData("If-Range|Range", "TAG|bytes=0-1", 206)]
    [InlineData("If-Range|Range", "W/TAG|bytes=0-1", 200)]
    [InlineData("If-Range|Range", "\"x\"|bytes=0-1", 200)]
    [InlineData("If-Range|Range", "\"x\"|bytes=5000-", 200)]
    [InlineData("If-Range|Range", Modified + "|bytes=0-1", 206)]
    [InlineData("If-Range|Range", Earlier + "|bytes=0-1", 200)]
    [InlineData("If-Range|Range", Later + "|bytes=0-1", 200)]
    [InlineData("If-Range|Range", "nonsense|bytes=0-1", 200)]
    public async Task A_condition_is_honoured(string names, string values, int status)
    {
        await using var served = await StartAsync();
        var headers = names.Split('|').Zip(values.Split('|'), static (name, value) => (name, value.Replace("TAG", Tag, StringComparison.Ordinal))).ToArray();
        using var response = await served.GetAsync("app.gtbundle", headers);

        ((int)response.StatusCode).ShouldBe(status);
        response.Headers.ETag!.ToString().ShouldBe(Tag);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        body.Length.ShouldBe(status switch { 200 => 1000, 206 => 2, _ => 0 });
    }

    [Fact]
    public async Task An_empty_file_is_served_and_has_no_ranges()
    {
        await using var served = await ServedFixture.StartAsync(static folder => folder.Write("served/empty", []));
        using var whole = await served.GetAsync("empty");
        using var part = await served.GetAsync("empty", ("Range", "bytes=0-"));

        whole.StatusCode.ShouldBe(HttpStatusCode.OK);
        whole.Content.Headers.ContentLength.ShouldBe(0);
        part.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Nothing_can_be_changed(string method)
    {
        await using var served = await StartAsync();
        using var response = await served.SendAsync(new HttpMethod(method), "app.gtbundle");

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["GET", "HEAD"]);
    }

    private static Task<ServedFixture> StartAsync() => ServedFixture.StartAsync(static folder =>
        File.SetLastWriteTimeUtc(folder.Write("served/app.gtbundle", Content), DateTime.Parse(Modified, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)));
}
