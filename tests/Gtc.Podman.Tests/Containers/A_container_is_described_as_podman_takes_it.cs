using System.Net;

namespace Gtc.Podman.Tests.Containers;

public sealed class A_container_is_described_as_podman_takes_it
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_member_has_the_name_that_libpod_reads()
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.Created, "{\"Id\":\"abc\",\"Warnings\":[\"w\"]}");
        using var client = podman.Client();

        var made = (await client.CreateAsync(Full, Token)).Value;
        made.Id.ShouldBe("abc");
        made.Warnings!.Value.ShouldBe(["w"]);
        podman.Requests[0].Split("\r\n\r\n")[1].ShouldBe(
            "{\"name\":\"fleet-a-web\",\"image\":\"r.example/x:1\",\"command\":[\"serve\"],\"entrypoint\":[\"/bin/x\"],\"env\":{\"A\":\"1\",\"B\":\"2\"},\"labels\":{\"k\":\"v\"},"
            + "\"portmappings\":[{\"host_ip\":\"127.0.0.1\",\"host_port\":8080,\"container_port\":80,\"protocol\":\"tcp\"}],\"restart_policy\":\"on-failure\",\"restart_tries\":3,"
            + "\"mounts\":[{\"destination\":\"/etc/x\",\"source\":\"/srv/x\",\"options\":[\"ro\"],\"type\":\"bind\"}],"
            + "\"volumes\":[{\"Name\":\"keep\",\"Dest\":\"/data\",\"Options\":[]}],\"netns\":{\"nsmode\":\"bridge\"},"
            + "\"resource_limits\":{\"memory\":{\"limit\":67108864},\"cpu\":{\"quota\":50000,\"period\":100000},\"pids\":{\"limit\":50}},\"stop_timeout\":10,"
            + "\"healthconfig\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":1000000000,\"Timeout\":2000000000,\"Retries\":3,\"StartPeriod\":4000000000},"
            + "\"log_configuration\":{\"driver\":\"k8s-file\",\"options\":{\"max-size\":\"8mb\"}},\"cap_drop\":[\"ALL\"],\"no_new_privileges\":true,"
            + "\"r_limits\":[{\"type\":\"nofile\",\"hard\":1024,\"soft\":512}]}");
    }

    [Fact]
    public async Task What_is_not_said_is_left_to_podman()
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.Created, "{\"Id\":\"abc\"}");
        using var client = podman.Client();

        await client.CreateAsync(new() { Name = "a", Image = "b" }, Token);
        podman.Requests[0].Split("\r\n\r\n")[1].ShouldBe("{\"name\":\"a\",\"image\":\"b\"}");
    }

    [Fact]
    public async Task Lists_ask_for_labels_and_read_what_is_needed()
    {
        await using var podman = new ScriptedPodman();
        podman.Answers(HttpStatusCode.OK, "[{\"Id\":\"1\",\"Names\":[\"n\"],\"State\":\"running\",\"Labels\":{\"a\":\"b\"},\"Image\":\"i\",\"ImageID\":\"x\",\"ExitCode\":0,"
            + "\"Ports\":[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":8080,\"range\":1,\"protocol\":\"tcp\"}],\"New\":{}},{\"Id\":\"2\",\"Names\":null,\"Labels\":null,\"Ports\":null}]");
        using var client = podman.Client();

        var list = (await client.ListAsync(["a=b"], Token)).Value;
        podman.Requests[0].ShouldStartWith("GET /v4.0.0/libpod/containers/json?all=true&filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D ");
        list[0].Name.ShouldBe("n");
        list[0].IsRunning.ShouldBeTrue();
        list[0].Ports!.Value[0].ShouldBe(new PortMapping("", 8080, 80, "tcp"));
        list[1].Name.ShouldBe("2");
    }

    private static ContainerSpec Full => new()
    {
        Name = "fleet-a-web",
        Image = "r.example/x:1",
        Command = ["serve"],
        Entrypoint = ["/bin/x"],
        Env = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" }.ToSorted(),
        Labels = new Dictionary<string, string> { ["k"] = "v" }.ToSorted(),
        PortMappings = [new("127.0.0.1", 8080, 80, "tcp")],
        RestartPolicy = "on-failure",
        RestartTries = 3,
        Mounts = [new("/etc/x", "/srv/x", ["ro"])],
        Volumes = [new("keep", "/data", [])],
        Netns = new("bridge"),
        ResourceLimits = new(new(67108864), new(50000, 100000), new(50)),
        StopTimeout = 10,
        HealthConfig = new() { Test = ["CMD", "true"], Interval = 1000000000, Timeout = 2000000000, Retries = 3, StartPeriod = 4000000000 },
        LogConfiguration = new("k8s-file", new Dictionary<string, string> { ["max-size"] = "8mb" }.ToSorted()),
        CapDrop = ["ALL"],
        NoNewPrivileges = true,
        RLimits = [new("nofile", 1024, 512)],
    };
}
