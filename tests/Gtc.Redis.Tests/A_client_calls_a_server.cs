using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gtc.Redis.Tests;

public class A_client_calls_a_server
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_are_answered()
    {
        using var server = await RedisServer.StartAsync();
        await using var client = await ConnectAsync(server.Options);
        (await client.PingAsync(Cancel)).Reply!.Text.ShouldBe("PONG");
        (await client.SetAsync("k", "ä\r\nb", null, onlyIfAbsent: true, Cancel)).Reply.ShouldBeSameAs(RedisReply.Ok);
        (await client.SetAsync("k", "other", null, onlyIfAbsent: true, Cancel)).Reply!.Kind.ShouldBe(RedisKind.Null);
        (await client.GetAsync("k", Cancel)).Reply!.Text.ShouldBe("ä\r\nb");
        (await client.GetAsync("none", Cancel)).Reply!.Kind.ShouldBe(RedisKind.Null);
        (await client.SetAsync("k", new byte[] { 0, 255 }, TimeSpan.FromSeconds(100), onlyIfAbsent: false, Cancel)).IsDone.ShouldBeTrue();
        (await client.GetAsync(Encoding.UTF8.GetBytes("k"), Cancel)).Reply!.Bytes.ToArray().ShouldBe([0, 255]);
        (await client.CallAsync(["PTTL", "k"], Cancel)).Reply!.Number.ShouldBeInRange(90_000, 100_000);
        (await client.DeleteAsync("k", Cancel)).Reply!.Number.ShouldBe(1);
        (await client.CallAsync(["HSET", "h", "a", long.MinValue], Cancel)).Reply!.Number.ShouldBe(1);
        var map = (await client.CallAsync(["HGETALL", "h"], Cancel)).Reply!;
        map.Kind.ShouldBe(RedisKind.Map);
        map.Items.Select(item => item.Text).ShouldBe(["a", "-9223372036854775808"]);
    }

    [Fact]
    public async Task An_error_of_the_server_is_an_answer()
    {
        using var server = await RedisServer.StartAsync();
        await using var client = await ConnectAsync(server.Options);
        var refused = await client.CallAsync(["GET"], Cancel);
        refused.Failure.ShouldBe(RedisFailure.Refused);
        refused.Reason.ShouldBe("ERR wrong number of arguments for 'get' command");
        (await client.PingAsync(Cancel)).IsDone.ShouldBeTrue();
    }

    [Fact]
    public async Task A_script_is_sent_once_and_called_by_its_digest()
    {
        using var server = await RedisServer.StartAsync();
        await using var client = await ConnectAsync(server.Options);
        var script = new RedisScript("return {KEYS[1], ARGV[1], 7}");
        for (var round = 0; round < 2; round++)
        {
            (await client.EvalAsync(script, new RedisArgument[] { "k" }, new RedisArgument[] { 5 }, Cancel)).Reply!.Items.Select(item => item.ToString()).ShouldBe(["k", "5", "7"]);
        }

        (await client.CallAsync(["INFO", "commandstats"], Cancel)).Reply!.Text.ShouldContain("cmdstat_eval:calls=1,");
    }

    [Fact]
    public async Task Many_callers_share_one_connection_and_each_gets_its_own_reply()
    {
        using var server = await RedisServer.StartAsync();
        await using var client = await ConnectAsync(server.Options);
        await Parallel.ForAsync(0, 64, Cancel, async (caller, token) =>
        {
            for (var call = 0; call < 200; call++)
            {
                (await client.CallAsync(["ECHO", $"{caller}.{call}"], token)).Reply!.Text.ShouldBe($"{caller}.{call}");
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 5_000).Select(async call => (await client.CallAsync(["ECHO", call], Cancel)).Reply!.Text.ShouldBe($"{call}")));
        client.Connects.ShouldBe(1);
    }

    [Fact]
    public async Task It_logs_in_selects_a_database_and_uses_a_unix_socket()
    {
        using var server = await RedisServer.StartAsync("--requirepass", "secret");
        await using var client = await ConnectAsync(server.Options with { Password = "secret", Database = 3, UnixSocket = server.Socket });
        (await client.CallAsync(["CLIENT", "INFO"], Cancel)).Reply!.Text.ShouldContain(" db=3 ");
        (await client.CallAsync(["ACL", "SETUSER", "pins", "on", ">pw", "~gt:*", "+@all"], Cancel)).IsDone.ShouldBeTrue();
        await using var pins = await ConnectAsync(server.Options with { User = "pins", Password = "pw" });
        (await pins.CallAsync(["ACL", "WHOAMI"], Cancel)).Reply!.Text.ShouldBe("pins");
        (await pins.GetAsync("other", Cancel)).Reason!.ShouldStartWith("NOPERM");
    }

    [Theory]
    [InlineData(null, "NOAUTH")]
    [InlineData("pa55word", "WRONGPASS")]
    public async Task A_failed_log_in_says_why_and_never_the_password(string? password, string reason)
    {
        using var server = await RedisServer.StartAsync("--requirepass", "secret");
        var waits = new ArmedTime();
        var options = server.Options with { Password = password };
        await using var client = new RedisClient(options, waits, () => 0.5);
        await waits.Delayed.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        var answer = await client.PingAsync(Cancel);
        answer.Failure.ShouldBe(RedisFailure.NotConnected);
        answer.Reason!.ShouldContain(reason);
        answer.Reason!.ShouldContain($"redis://127.0.0.1:{server.Port}/0");
        $"{answer.Reason} {options}".ShouldNotContain(password ?? "secret");
    }

    [Fact]
    public async Task TLS_is_spoken_to_a_trusted_certificate_and_to_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-redis-tls-").FullName;
        try
        {
            using var root = Certificate(folder);
            var port = RedisServer.FreePort();
            using var server = await RedisServer.StartAsync(
                "--tls-port", $"{port}", "--tls-cert-file", Path.Combine(folder, "c.pem"), "--tls-key-file", Path.Combine(folder, "k.pem"), "--tls-auth-clients", "no");
            var options = server.Options with { Host = "localhost", Port = port, UsesTls = true };
            await using var client = await ConnectAsync(options with { TrustedRoots = [root] });
            (await client.PingAsync(Cancel)).IsDone.ShouldBeTrue();
            var waits = new ArmedTime();
            await using var strict = new RedisClient(options, waits, () => 0.5);
            await waits.Delayed.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            strict.Reason.ShouldContain("certificate");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_lost_server_is_found_again()
    {
        using var server = await RedisServer.StartAsync();
        await using var client = await ConnectAsync(server.Options with { FirstBackoff = TimeSpan.FromMilliseconds(5), LongestBackoff = TimeSpan.FromMilliseconds(50) });
        var waiting = client.CallAsync(["BLPOP", "nothing", 0], Cancel);
        server.Kill();
        (await waiting).Failure.ShouldBe(RedisFailure.Lost);
        await server.StartAsync();
        await client.ConnectedAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        (await client.PingAsync(Cancel)).IsDone.ShouldBeTrue();
        client.Connects.ShouldBe(2);
    }

    private static async Task<RedisClient> ConnectAsync(RedisOptions options)
    {
        var client = new RedisClient(options, TimeProvider.System, () => 0.5);
        try
        {
            await client.ConnectedAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(client.Reason);
        }

        return client;
    }

    private static X509Certificate2 Certificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "c.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "k.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
