using Gtc.Fleet.Contracts;
using Gtc.Nats;
using Gtc.Nats.Tests;

namespace Gtc.Fleet.Operator.Tests.Desired;

/// <summary>Against the real broker: what another operator wrote after this one looked is never written over.</summary>
public sealed class An_entry_follows_the_one_that_was_seen
{
    private const string Key = "pi-1.hello";

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nothing")]
    [InlineData("entry")]
    [InlineData("marker")]
    public async Task It_is_stored_behind_whatever_was_there(string before)
    {
        await using var lab = await BrokerAsync();
        var bucket = lab.Bucket;
        var known = before == "nothing" ? 0 : (await bucket.PutAsync(Key, "old"u8.ToArray(), Ends)).Value;
        known = before == "marker" ? (await bucket.DeleteAsync(Key, Ends)).Value : known;
        foreach (var named in (long?[])[null, (long)known, 99])
        {
            (await new EntryWriter(bucket, static _ => default).PutAsync(Key, "new"u8.ToArray(), new NatsHeaders(), named, Ends)).Error.ShouldBeNull();
            (await bucket.GetAsync(Key, Ends)).Value.Value.ToArray().ShouldBe("new"u8.ToArray());
        }

        (await new EntryWriter(bucket, static _ => default).DeleteAsync(Key, 1, Ends)).Error.ShouldBeNull();
        (await bucket.GetAsync(Key, Ends)).Error!.Kind.ShouldBe(NatsErrorKind.NotFound);
        (await new EntryWriter(bucket, static _ => default).DeleteAsync(Key, null, Ends)).Value.ShouldBe(0UL);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_successor_wrote_while_this_one_was_stopped_stays(bool isPut)
    {
        await using var lab = await BrokerAsync();
        var bucket = lab.Bucket;
        await bucket.PutAsync(Key, "first"u8.ToArray(), Ends);

        // Stopped between the look at the lease and the write: behind a look at the bucket, the successor writes.
        var writer = new EntryWriter(bucket, async stop => (await bucket.PutAsync(Key, "successor's"u8.ToArray(), stop)).Error.ShouldBeNull());
        var done = isPut
            ? await writer.PutAsync(Key, "stale"u8.ToArray(), new NatsHeaders(), known: 77, Ends)
            : await writer.DeleteAsync(Key, known: 77, Ends);
        done.Error!.Kind.ShouldBe(NatsErrorKind.WrongLastSequence);
        (await bucket.GetAsync(Key, Ends)).Value.Value.ToArray().ShouldBe("successor's"u8.ToArray());
    }

    private static async Task<Lab> BrokerAsync()
    {
        var server = await NatsServer.StartAsync();
        var connection = NatsConnection.Start(new NatsOptions { Urls = [server.Url] }, TimeProvider.System).Value;
        await connection.WaitUntilConnectedAsync(Ends);
        return new Lab(server, connection, (await FleetBroker.OpenAsync(connection, 1, Ends)).Value.Desired);
    }

    private sealed record Lab(NatsServer Server, NatsConnection Connection, Bucket Bucket) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Connection.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
