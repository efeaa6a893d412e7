using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gtc.Fleet.Operator.Installing;

namespace Gtc.Fleet.Operator.Tests.Installing;

public class A_broker_is_made_of_one_base
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly NatsVolume Volume = new("10Gi");

    public static TheoryData<string> Names => new(Presets.Keys);

    private static Dictionary<string, NatsServerScore> Presets => new()
    {
        ["basic"] = NatsPresets.Basic("fleet-nats", "fleet-system"),
        ["clustered"] = NatsPresets.Clustered("fleet-nats", "fleet-system", Volume),
        ["supercluster"] = NatsPresets.Supercluster("paris", "fleet-system", Volume, [new("lyon", ["nats://lyon.example:7222"])], "gateways"),
        ["leaf"] = NatsPresets.Leaf("factory-7", "fleet-system", "nats-leaf://nats.example:7422", null),
    };

    /// <summary>The same brokers without any preset: what a preset makes can be said with the base alone.</summary>
    private static Dictionary<string, NatsServerScore> Spelt => new()
    {
        ["basic"] = new() { Name = "fleet-nats", Namespace = "fleet-system", Config = new() { JetStream = new() } },
        ["clustered"] = new()
        {
            Name = "fleet-nats", Namespace = "fleet-system", Replicas = 3, Workload = NatsWorkload.StatefulSet, Volume = Volume, MaxUnavailable = 1, IsSpread = true,
            Config = new()
            {
                JetStream = new(),
                Cluster = new()
                {
                    Name = "fleet-nats",
                    Routes =
                    [
                        "nats://fleet-nats-0.fleet-nats-headless.fleet-system.svc:6222",
                        "nats://fleet-nats-1.fleet-nats-headless.fleet-system.svc:6222",
                        "nats://fleet-nats-2.fleet-nats-headless.fleet-system.svc:6222",
                    ],
                },
            },
        },
        ["supercluster"] = new()
        {
            Name = "paris", Namespace = "fleet-system", Replicas = 3, Workload = NatsWorkload.StatefulSet, Volume = Volume, MaxUnavailable = 1, IsSpread = true, TlsSecret = "gateways",
            Config = new()
            {
                JetStream = new() { Domain = "paris" },
                Cluster = new()
                {
                    Name = "paris",
                    Routes =
                    [
                        "nats://paris-0.paris-headless.fleet-system.svc:6222",
                        "nats://paris-1.paris-headless.fleet-system.svc:6222",
                        "nats://paris-2.paris-headless.fleet-system.svc:6222",
                    ],
                },
                Gateway = new()
                {
                    Name = "paris",
                    Gateways = [new("lyon", ["nats://lyon.example:7222"])],
                    Tls = new("/etc/nats/tls/tls.crt", "/etc/nats/tls/tls.key", "/etc/nats/tls/ca.crt", Verify: true),
                },
            },
        },
        ["leaf"] = new()
        {
            Name = "factory-7", Namespace = "fleet-system",
            Config = new() { JetStream = new() { Domain = "factory-7" }, LeafNodes = new() { Remotes = [new("nats-leaf://nats.example:7422")] } },
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preset_is_a_value_of_the_base(string name) => Json(Presets[name]).ShouldBe(Json(Spelt[name]));

    /// <summary>GTC_WRITE_SCHEMAS=1 writes the files anew.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_objects_of_a_preset_are_pinned(string name)
    {
        Presets[name].FindProblems().ShouldBeEmpty();
        var file = Path.Combine(Here(), $"nats-{name}.json");
        if (Environment.GetEnvironmentVariable("GTC_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(file, Json(Presets[name]));
        }

        File.ReadAllText(file).ShouldBe(Json(Presets[name]));
    }

    [Fact]
    public void It_is_reached_from_inside_the_cluster_unless_told_otherwise() => Service(NatsPresets.Basic("n", "s")).GetProperty("type").GetString().ShouldBe("ClusterIP");

    [Fact]
    public void A_node_port_is_that_port()
    {
        var service = Service(NatsPresets.Basic("n", "s").AtNodePort(30422));

        service.GetProperty("type").GetString().ShouldBe("NodePort");
        service.GetProperty("ports")[0].GetProperty("nodePort").GetInt32().ShouldBe(30422);
    }

    [Fact]
    public void Streams_and_buckets_are_an_argument_that_can_be_left_out()
    {
        Arguments(NatsPresets.Basic("n", "s")).ShouldContain("-js");
        Arguments(NatsPresets.Basic("n", "s").WithJetStream(false)).ShouldNotContain("-js");
    }

    [Fact]
    public void A_load_balancer_pins_no_node_port()
    {
        var service = Service(NatsPresets.Basic("n", "s").AtLoadBalancer());

        service.GetProperty("type").GetString().ShouldBe("LoadBalancer");
        service.GetProperty("ports")[0].TryGetProperty("nodePort", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(29999, false)]
    [InlineData(30000, true)]
    [InlineData(32767, true)]
    [InlineData(32768, false)]
    [InlineData(4222, false)]
    public void A_node_port_that_clusters_do_not_give_out_is_refused(int port, bool isFine) =>
        NatsPresets.Basic("n", "s").AtNodePort(port).FindProblems().Count.ShouldBe(isFine ? 0 : 1);

    [Fact]
    public void What_cannot_run_is_told_before_it_is_applied()
    {
        (NatsPresets.Basic("n", "s") with { Replicas = 3 }).FindProblems().ShouldHaveSingleItem().ShouldContain("do not know each other");
        (NatsPresets.Basic("n", "s") with { Volume = Volume }).FindProblems().ShouldHaveSingleItem().ShouldContain("StatefulSet");
        (NatsPresets.Basic("N.s", "s")).FindProblems().ShouldHaveSingleItem().ShouldContain("`N.s`");
        NatsPresets.Clustered("n", "s", new("much")).FindProblems().ShouldHaveSingleItem().ShouldContain("10Gi");
        (NatsPresets.Supercluster("n", "s", Volume, [], "x") with { TlsSecret = null }).FindProblems().ShouldHaveSingleItem().ShouldContain("certificate");
    }

    [Fact]
    public void What_nobody_may_read_goes_into_a_Secret()
    {
        var score = NatsPresets.Basic("n", "s") with { Config = new() { Authorization = new() { Shared = ("u", "p") } } };

        score.Objects().Select(item => item.GetProperty("kind").GetString()).ShouldBe(["Namespace", "Secret", "Service", "Deployment"]);
    }

    private static JsonElement Service(NatsServerScore score) => score.Objects().First(item => item.GetProperty("kind").ValueEquals("Service")).GetProperty("spec");

    private static IEnumerable<string?> Arguments(NatsServerScore score) => score.Objects().First(item => item.GetProperty("kind").ValueEquals("Deployment"))
        .GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0].GetProperty("args").EnumerateArray().Select(word => word.GetString());

    private static string Json(NatsServerScore score) => JsonSerializer.Serialize(score.Objects(), Indented) + "\n";

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
