using System.Diagnostics;
using Gtc.Fleet.Operator.Installing;

namespace Gtc.Fleet.Operator.Tests.Installing;

public class A_broker_reads_its_configuration
{
    [Fact]
    public void The_text_is_pinned() =>
        NatsConfigText.Of(new NatsConfig
        {
            JetStream = new() { MaxFile = 1024, Domain = "a" },
            Cluster = new() { Name = "c", Routes = ["nats://a:6222", "nats://b:6222"] },
            Limits = new() { MaxPayload = 1048576 },
        }).ShouldBe("""
            server_name: $HOSTNAME
            listen: "0.0.0.0:4222"
            http: "0.0.0.0:8222"
            jetstream {
              store_dir: "/data"
              max_file_store: 1024
              domain: "a"
            }
            cluster {
              name: "c"
              listen: "0.0.0.0:6222"
              routes: ["nats://a:6222", "nats://b:6222"]
            }
            max_payload: 1048576

            """, StringCompareShould.IgnoreLineEndings);

    [Fact]
    public void A_quote_in_a_value_stays_in_its_value() =>
        NatsConfigText.Of(new NatsConfig { Authorization = new() { Shared = ("a\"b", "c\\d\ne") } }).ShouldContain("user: \"a\\\"b\"\n  password: \"c\\\\d\\ne\"\n");

    /// <summary>Every block that 2.9 knows; auth_callout came with 2.10.</summary>
    [Fact]
    public async Task The_real_server_takes_it()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/nats-server"), "eng/install-test-servers installs nats-server");
        var folder = Directory.CreateTempSubdirectory("gtc-nats-config-").FullName;
        try
        {
            var config = new NatsConfig
            {
                JetStream = new() { StoreFolder = folder, MaxMemory = 1 << 20, MaxFile = 1 << 20, Domain = "site" },
                Cluster = new() { Name = "site", Routes = ["nats://127.0.0.1:6222"] },
                Gateway = new() { Name = "site", Gateways = [new("other", ["nats://other.example:7222", "nats://other.example:7223"])] },
                LeafNodes = new() { Listen = "0.0.0.0:7422", Remotes = [new("nats-leaf://127.0.0.1:7422")] },
                WebSocket = new(),
                Authorization = new() { Shared = ("us\"er", "pass\\word") },
                Limits = new() { MaxConnections = 10, MaxPayload = 65536, MaxSubscriptions = 10 },
            };
            var file = Path.Combine(folder, "nats.conf");
            await File.WriteAllTextAsync(file, NatsConfigText.Of(config), TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("/usr/sbin/nats-server", ["-t", "--config", file, "-js"]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["HOSTNAME"] = "fleet-nats-0";
            using var server = Process.Start(start)!;
            var said = await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);

            server.ExitCode.ShouldBe(0, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
