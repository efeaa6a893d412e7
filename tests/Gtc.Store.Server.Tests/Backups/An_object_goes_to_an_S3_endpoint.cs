using Gtc.Model;

namespace Gtc.Store.Server.Tests.Backups;

/// <summary>Over real HTTP, to an endpoint that checks every signature.</summary>
public sealed class An_object_goes_to_an_S3_endpoint : IAsyncLifetime
{
    private const int PartLength = 1000;

    private StrictS3 _endpoint = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _endpoint = await StrictS3.StartAsync();

    public ValueTask DisposeAsync() => _endpoint.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PartLength - 1)]
    [InlineData(PartLength)]
    [InlineData(PartLength + 1)]
    [InlineData((3 * PartLength) + 7)]
    public async Task What_is_put_is_got_in_one_part_or_in_many(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        using var remote = Open("s3://backups/a folder/ünïcode+1.gtcbak");
        (await remote.PutAsync(new MemoryStream(content), Cancellation)).ShouldBeNull();
        _endpoint.Objects.Keys.Single().ShouldBe("/backups/a%20folder/%C3%BCn%C3%AFcode%2B1.gtcbak");
        var found = new MemoryStream();
        (await remote.GetAsync(found, Cancellation)).ShouldBeNull();
        found.ToArray().ShouldBe(content);
        _endpoint.Unfinished.ShouldBe(0);
    }

    [Fact]
    public async Task An_upload_that_fails_is_taken_back()
    {
        _endpoint.Fault = (method, query) => method == "PUT" && query.Contains("partNumber=2", StringComparison.Ordinal) ? 500 : null;
        using var remote = Open("s3://backups/x");
        (await remote.PutAsync(new MemoryStream(new byte[3 * PartLength]), Cancellation)).ShouldBeOfType<Refusal.FetchFailed>().Message.ShouldContain("InternalError told to fail");
        (_endpoint.Unfinished, _endpoint.Objects.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_is_absent_forbidden_or_unreachable_is_told_apart()
    {
        using var absent = Open("s3://backups/absent");
        (await absent.GetAsync(new MemoryStream(), Cancellation)).ShouldBeOfType<Refusal.Missing>().Message.ShouldContain("NoSuchKey");
        using var stranger = Open("s3://backups/x", "another secret");
        (await stranger.PutAsync(new MemoryStream([1]), Cancellation)).ShouldBeOfType<Refusal.Unauthorized>();
        await _endpoint.DisposeAsync();
        (await absent.GetAsync(new MemoryStream(), Cancellation)).ShouldBeOfType<Refusal.FetchFailed>().Message.ShouldContain("cannot be reached");
    }

    private S3Object Open(string place, string secret = StrictS3.SecretAccessKey) => new(
        S3Place.Parse(place, _endpoint.Address.ToString(), StrictS3.Region).Value,
        new S3Credentials { AccessKeyId = StrictS3.AccessKeyId, SecretAccessKey = secret },
        new SocketsHttpHandler { AllowAutoRedirect = false },
        TimeProvider.System)
    {
        PartLength = PartLength,
    };
}
