namespace Gtc.Nats.Tests;

/// <summary>Connections as tests want them.</summary>
internal static class Clients
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static NatsOptions Options(this NatsServer server) => new()
    {
        Urls = [server.Url],
        RequestTimeout = TimeSpan.FromSeconds(20),
        FirstBackoff = TimeSpan.FromMilliseconds(5),
        LongestBackoff = TimeSpan.FromMilliseconds(50),
    };

    public static async Task<NatsConnection> ConnectAsync(this NatsServer server, Func<NatsOptions, NatsOptions>? change = null)
    {
        var options = server.Options();
        var connected = await NatsConnection.ConnectAsync(change?.Invoke(options) ?? options, TimeProvider.System, Token);
        connected.Error.ShouldBeNull();
        return connected.Value;
    }

    /// <summary>The value, or a failure that shows the error.</summary>
    public static T Ok<T>(this NatsResult<T> result)
    {
        result.Error.ShouldBeNull();
        return result.Value;
    }

    /// <summary>Fails with the error when there is one.</summary>
    public static void Ok(this NatsResult result) => result.Error.ShouldBeNull();

    public static async Task<T> Ok<T>(this Task<NatsResult<T>> result) => (await result).Ok();

    public static async Task<T> Ok<T>(this ValueTask<NatsResult<T>> result) => (await result).Ok();

    public static async Task Ok(this Task<NatsResult> result) => (await result).Ok();

    public static async Task Ok(this ValueTask<NatsResult> result) => (await result).Ok();
}
