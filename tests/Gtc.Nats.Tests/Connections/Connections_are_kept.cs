using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Nats.Tests;

public sealed class Connections_are_kept
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error_and_a_connection_that_was_started_waits_for_it()
    {
        await using var server = await NatsServer.StartAsync();
        await server.StopAsync();
        (await NatsConnection.ConnectAsync(server.Options(), TimeProvider.System, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotConnected);

        await using var connection = NatsConnection.Start(server.Options(), TimeProvider.System).Ok();
        var subscription = await connection.SubscribeAsync("early", Token).Ok();
        (await connection.PublishAsync("early", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotConnected);
        (await connection.RequestAsync("early", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotConnected);
        (await connection.FlushAsync(Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NotConnected);
        connection.Server.ShouldBeNull();
        await server.StartAsync();

        await connection.WaitUntilConnectedAsync(Token).Ok();
        await connection.PublishAsync("early", "x"u8.ToArray(), Token).Ok();

        (await subscription.ReadAsync(Token)).ShouldNotBeNull();
        connection.Server.ShouldNotBeNull().JetStream.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_dies_while_a_question_waits_leaves_its_outcome_unknown()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var silent = await connection.SubscribeAsync("silent", Token).Ok();
        var asking = connection.RequestAsync("silent", default, Token);
        var publishing = connection.JetStream().PublishAsync("silent", default, default, Token);
        (await silent.ReadAsync(Token)).ShouldNotBeNull();
        (await silent.ReadAsync(Token)).ShouldNotBeNull();

        await server.KillAsync();

        (await asking).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.ConnectionLost);
        (await publishing).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.ConnectionLost);
    }

    [Fact]
    public async Task Subscriptions_stand_again_before_anybody_can_publish()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var subscriptions = new List<NatsSubscription>();
        for (var number = 0; number < 200; number++)
        {
            subscriptions.Add(await connection.SubscribeAsync($"s.{number}", Token).Ok());
        }

        await subscriptions[100].DisposeAsync();
        for (var round = 2; round < 5; round++)
        {
            await server.KillAsync();
            await server.StartAsync();
            await connection.WaitUntilConnectedAsync(Token).Ok();
            while (connection.Status.Connects < round)
            {
                await connection.FlushAsync(Token);
            }

            for (var number = 0; number < 200; number++)
            {
                await connection.PublishAsync($"s.{number}", default, Token).Ok();
            }

            await connection.FlushAsync(Token).Ok();
            subscriptions.Count(subscription => subscription.TryRead(out _)).ShouldBe(199);
        }
    }

    [Fact]
    public async Task Publishers_wait_when_too_much_waits_to_be_sent()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync(options => options with { MaxUnsentBytes = 256 * 1024 });
        var payload = new byte[64 * 1024];
        await server.SignalAsync("STOP");

        // 64 MiB: more than the sockets of both ends hold, so that the last ones wait however fast the first ones left.
        var all = Enumerable.Range(0, 1000).Select(_ => connection.PublishAsync("x", payload, Token).AsTask()).ToList();
        using var giveUp = new CancellationTokenSource();
        var another = connection.PublishAsync("x", payload, headers: null, replyTo: null, giveUp.Token);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(another.AsTask());
        all.Count(task => task.IsCompleted).ShouldBeInRange(4, 999);
        await server.SignalAsync("CONT");

        (await Task.WhenAll(all)).ShouldAllBe(result => result.IsOk);
        await connection.FlushAsync(Token).Ok();
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_the_newest_or_its_subscription()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var complaints = 0;
        connection.StatusChanged += status => complaints += status.Error?.Kind == NatsErrorKind.SlowConsumer ? 1 : 0;
        await using var oldest = await connection.SubscribeAsync("x", new SubscriptionOptions { Capacity = 10, WhenFull = WhenFull.DropOldest }, Token).Ok();
        await using var newest = await connection.SubscribeAsync("x", new SubscriptionOptions { MaxBytes = 40, WhenFull = WhenFull.DropNewest }, Token).Ok();
        await using var ended = await connection.SubscribeAsync("x", new SubscriptionOptions { Capacity = 10, WhenFull = WhenFull.End }, Token).Ok();
        for (var number = 0; number < 100; number++)
        {
            await connection.PublishAsync("x", BitConverter.GetBytes(number), Token).Ok();
        }

        await connection.FlushAsync(Token).Ok();

        Read(oldest).ShouldBe(Enumerable.Range(90, 10));
        oldest.Dropped.ShouldBe(90);
        Read(newest).ShouldBe(Enumerable.Range(0, 10));
        Read(ended).ShouldBe(Enumerable.Range(0, 10));
        ended.Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.SlowConsumer);
        (await ended.ReadAsync(Token)).ShouldBeNull();
        complaints.ShouldBe(3);
    }

    [Fact]
    public async Task What_the_server_does_not_allow_fails_what_was_asked_and_nothing_else()
    {
        await using var server = await NatsServer.StartAsync(
            """authorization { users [ { user: "ada", password: "secret", permissions: { publish: ["ok.>", "_INBOX.>"], subscribe: ["ok.>", "_INBOX.>"] } } ] }""");
        (await NatsConnection.ConnectAsync(server.Options(), TimeProvider.System, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Unauthorized);
        await using var connection = await server.ConnectAsync(options => options with { Credentials = new NatsCredentials.UserPassword("ada", "secret") });
        await using var allowed = await connection.SubscribeAsync("ok.a", Token).Ok();

        (await connection.SubscribeAsync("secret.a", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.PermissionDenied);
        (await connection.RequestAsync("secret.a", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.PermissionDenied);
        (await connection.JetStream().PublishAsync("secret.b", default, default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.PermissionDenied);
        await connection.PublishAsync("secret.a", default, Token).Ok();
        await connection.PublishAsync("ok.a", default, Token).Ok();

        (await allowed.ReadAsync(Token)).ShouldNotBeNull();
        connection.Status.Connects.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_is_taken()
    {
        await using var server = await NatsServer.StartAsync("""authorization { token: "s3cret" }""");
        (await NatsConnection.ConnectAsync(server.Options(), TimeProvider.System, Token)).IsOk.ShouldBeFalse();

        await using var connection = await server.ConnectAsync(options => options with { Credentials = new NatsCredentials.Token("s3cret") });
        await connection.FlushAsync(Token).Ok();
    }

    [Fact]
    public async Task A_lame_duck_is_left_for_another_server_before_it_goes()
    {
        var clusterPort = NatsServer.FreePort();
        await using var first = await NatsServer.StartAsync($"cluster {{ name: c, listen: \"127.0.0.1:{clusterPort}\" }}\nlame_duck_duration: \"60s\"\nlame_duck_grace_period: \"20s\"", jetStream: null);
        await using var second = await NatsServer.StartAsync($"cluster {{ name: c, listen: \"127.0.0.1:{NatsServer.FreePort()}\", routes: [\"nats://127.0.0.1:{clusterPort}\"] }}", jetStream: null);
        await using var connection = await first.ConnectAsync(options => options with { Jitter = () => 0.01 });
        await using var subscription = await connection.SubscribeAsync("x", Token).Ok();
        var moved = new TaskCompletionSource<string>();
        connection.StatusChanged += status => _ = status is { State: NatsState.Connected, Connects: 2 } && moved.TrySetResult(status.Server);
        while (connection.Server?.ConnectUrls is not { Length: 2 })
        {
            await connection.FlushAsync(Token).Ok();
        }

        await first.SignalAsync("USR2");

        (await moved.Task.WaitAsync(TimeSpan.FromMinutes(1), Token)).ShouldBe($"127.0.0.1:{second.Port}");
        await connection.PublishAsync("x", default, Token).Ok();
        (await subscription.ReadAsync(Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task TLS_is_used_where_the_server_requires_it_and_only_with_a_certificate_that_is_trusted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var folder = Directory.CreateTempSubdirectory("gtc-nats-tls-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), Token);
        await using var server = await NatsServer.StartAsync($"tls {{ cert_file: \"{folder}/cert.pem\", key_file: \"{folder}/key.pem\" }}");
        var options = server.Options() with { Urls = [$"tls://localhost:{server.Port}"] };
        try
        {
            (await NatsConnection.ConnectAsync(options, TimeProvider.System, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Unauthorized);
            await using var connection = (await NatsConnection.ConnectAsync(options with { Tls = new() { TrustedRoots = [certificate] } }, TimeProvider.System, Token)).Ok();
            var bucket = await connection.JetStream().EnsureBucketAsync(new BucketConfig { Name = "b" }, Token).Ok();

            await bucket.PutAsync("k", new byte[900_000], Token).Ok();

            (await bucket.GetAsync("k", Token).Ok()).Value.Length.ShouldBe(900_000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task TLS_that_is_insisted_on_is_not_done_without()
    {
        await using var server = await NatsServer.StartAsync();

        (await NatsConnection.ConnectAsync(server.Options() with { Tls = new() { IsRequired = true } }, TimeProvider.System, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Unauthorized);
    }

    [Fact]
    public async Task Closing_sends_what_was_published_and_ends_what_waits()
    {
        await using var server = await NatsServer.StartAsync();
        await using var other = await server.ConnectAsync();
        await using var received = await other.SubscribeAsync("x", Token).Ok();
        await other.FlushAsync(Token).Ok();
        var connection = await server.ConnectAsync();
        var subscription = await connection.SubscribeAsync("silent", Token).Ok();
        var asking = connection.RequestAsync("silent", default, Token);
        for (var number = 0; number < 1000; number++)
        {
            await connection.PublishAsync("x", default, Token).Ok();
        }

        await connection.DisposeAsync();
        await connection.DisposeAsync();

        for (var number = 0; number < 1000; number++)
        {
            (await received.ReadAsync(Token)).ShouldNotBeNull();
        }

        (await asking).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Closed);
        subscription.Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Closed);
        (await connection.PublishAsync("x", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Closed);
        (await connection.SubscribeAsync("x", Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Closed);
        (await connection.WaitUntilConnectedAsync(Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Closed);
    }

    [Theory]
    [InlineData("http://a")]
    [InlineData("nats://user:pass@a")]
    [InlineData("a b")]
    [InlineData("")]
    public void An_address_that_is_none_is_refused(string url) =>
        NatsConnection.Start(new NatsOptions { Urls = [url] }, TimeProvider.System).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);

    private static List<int> Read(NatsSubscription subscription)
    {
        var read = new List<int>();
        while (subscription.TryRead(out var message))
        {
            read.Add(BitConverter.ToInt32(message.Payload.Span));
        }

        return read;
    }
}
