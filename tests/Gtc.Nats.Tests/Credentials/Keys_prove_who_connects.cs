using System.Security.Cryptography;
using Gtc.Signing;

namespace Gtc.Nats.Tests;

public sealed class Keys_prove_who_connects
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task An_nkey_that_the_server_knows_is_let_in_and_another_is_not()
    {
        using var key = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var other = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        await using var server = await NatsServer.StartAsync($"authorization {{ users [ {{ nkey: {key.PublicKey} }} ] }}");

        await using var connection = await server.ConnectAsync(options => options with { Credentials = new NatsCredentials.Nkey(key) });
        await connection.FlushAsync(Token).Ok();

        (await NatsConnection.ConnectAsync(server.Options() with { Credentials = new NatsCredentials.Nkey(other) }, TimeProvider.System, Token))
            .Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Unauthorized);
    }

    [Fact]
    public async Task A_credentials_file_is_used_and_the_key_of_another_user_is_refused()
    {
        using var mode = new OperatorMode();
        await using var server = await NatsServer.StartAsync(mode.Configuration);
        using var key = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var thief = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        var path = Path.Combine(server.Folder, "user.creds");
        var jwt = mode.Wide(key).Text;
        await File.WriteAllBytesAsync(path, new NkeyCredentials(jwt, key).ToFile(), Token);
        var credentials = await NatsCredentials.FromFileAsync(path, Token).Ok();
        await using var connection = await server.ConnectAsync(options => options with { Credentials = credentials });
        await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

        (await NatsConnection.ConnectAsync(server.Options() with { Credentials = new NatsCredentials.Jwt(jwt, thief) }, TimeProvider.System, Token))
            .Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Unauthorized);
        (await NatsCredentials.FromFileAsync(path + ".none", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
    }

    [Fact]
    public async Task A_token_that_ends_while_a_watch_runs_is_replaced_and_the_watch_misses_nothing()
    {
        using var mode = new OperatorMode();
        await using var server = await NatsServer.StartAsync(mode.Configuration);
        using var wideKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var key = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        await using var wide = await server.ConnectAsync(options => options with { Credentials = mode.Wide(wideKey) });
        var bucket = await wide.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();
        var asked = 0;
        var ended = new List<NatsErrorKind?>();
        await using var connection = await server.ConnectAsync(options => options with
        {
            CredentialSource = _ =>
            {
                // The first two end soon, the third lasts.
                var expires = DateTimeOffset.UtcNow.AddSeconds(Interlocked.Increment(ref asked) <= 2 ? 2 : 600);
                return ValueTask.FromResult<NatsResult<NatsCredentials>>(mode.User(key, new NatsUserGrant { User = "", Name = "short", Expires = expires }));
            },
        });
        connection.StatusChanged += status =>
        {
            if (status.State == NatsState.Connecting)
            {
                ended.Add(status.Error?.Kind);
            }
        };
        await using var watch = await connection.JetStream().Bucket("b").Ok().WatchAsync(">", Token).Ok();

        var written = 0UL;
        while (connection.Status.Connects < 3)
        {
            await bucket.PutAsync("k", default, Token).Ok();
            (await watch.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(++written);
        }

        await bucket.PutAsync("k", default, Token).Ok();
        (await watch.ReadAsync(Token)).ShouldNotBeNull().Revision.ShouldBe(++written);
        asked.ShouldBe(3);
        ended.ShouldBe([NatsErrorKind.Unauthorized, NatsErrorKind.Unauthorized]);
    }

    [Fact]
    public async Task A_source_that_has_no_credentials_at_present_is_asked_again()
    {
        await using var server = await NatsServer.StartAsync("""authorization { token: "t" }""");
        var asked = 0;
        await using var connection = NatsConnection.Start(
            server.Options() with
            {
                CredentialSource = _ => ValueTask.FromResult<NatsResult<NatsCredentials>>(
                    ++asked < 4 ? new NatsError(NatsErrorKind.Unavailable, "the token service is away") : new NatsCredentials.Token("t")),
            },
            TimeProvider.System).Ok();

        await connection.WaitUntilConnectedAsync(Token).Ok();
        asked.ShouldBe(4);
    }
}
