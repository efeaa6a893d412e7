using Gtc.Fleet.Agent.Configuration;

namespace Gtc.Fleet.Agent.Tests.Configuration;

public sealed class The_configuration_is_read
{
    private const string Least = "[agent]\ndevice_id = \"pi-42\"\n[nats]\nurls = [\"nats://10.0.0.4:4222\"]\n[podman]\nsocket = \"/run/podman.sock\"\n";

    [Fact]
    public void Little_is_needed()
    {
        var config = Read(Least).Value;

        config.Device.Value.ShouldBe("pi-42");
        config.DataFolder.ShouldBe("/var/lib/fleet-agent");
        config.InboxPrefix.ShouldBe("_INBOX.pi-42");
        config.Labels.ToArray().ShouldBe([KeyValuePair.Create("device-id", "pi-42")]);
        config.Credentials.ShouldBeOfType<AgentCredentials.Anonymous>();
        config.MinFreeMb.ShouldBe(256);
        (config.PrunesImages, config.KeepsImages).ShouldBe((true, TimeSpan.FromHours(24)));
        config.Heartbeat.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void All_of_it_is_read()
    {
        var config = Read("""
            [agent]
            device_id = "pi-42"
            data_dir = "/data"
            heartbeat_s = 5
            start_spread_s = 0
            [nats]
            urls = ["nats://a:4222", "tls://b", "c:1"]
            inbox_prefix = "_INBOX.x"
            reconnect_window_s = 7
            ca_file = "/etc/ca.pem"
            [labels]
            zone = "b"
            group = "lab"
            device-id = "somebody-else"
            [credentials]
            source = "static"
            user = "ann"
            password_file = "secret"
            [podman]
            socket = "/s"
            nofile = 1024
            nproc = 900
            [limits]
            min_free_mb = 10
            parallel = 3
            [[registries]]
            host = "docker.io"
            mirrors = ["10.0.0.4:5000/hub"]
            [[registries]]
            host = "10.0.0.4:5000"
            insecure = true
            username = "bob"
            password = "pw"
            """).Value;

        config.Urls.ShouldBe(["nats://a:4222", "tls://b", "c:1"]);
        config.Labels.ToArray().ShouldBe([KeyValuePair.Create("device-id", "pi-42"), KeyValuePair.Create("group", "lab"), KeyValuePair.Create("zone", "b")], "in order, and the device's id is its own");
        config.Credentials.ShouldBe(new AgentCredentials.UserPassword("ann", "from the file"));
        config.Credentials.ToString().ShouldNotContain("from the file");
        config.Limits.Select(limit => $"{limit.Type} {limit.Soft}").ShouldBe(["nofile 1024", "nproc 900"]);
        config.ReconnectWindow.ShouldBe(TimeSpan.FromSeconds(7));

        var sources = ImageSources.Of("docker.io/library/nginx:1", config.Registries);
        sources.Select(source => source.Reference).ShouldBe(["10.0.0.4:5000/hub/library/nginx:1", "docker.io/library/nginx:1"]);
        sources[0].IsInsecure.ShouldBeTrue();
        sources[0].Login!.User.ShouldBe("bob");
        sources[1].IsInsecure.ShouldBeFalse();
        sources[1].Login.ShouldBeNull();
        ImageSources.Of("ghcr.io/a/b@sha256:0", config.Registries).ShouldHaveSingleItem().Reference.ShouldBe("ghcr.io/a/b@sha256:0");
    }

    [Theory]
    [InlineData("device_id = \"pi-42\"", "device_id = \"Pi 42\"", "a.toml, line 2: agent.device_id: ", "`pi-42` would be")]
    [InlineData("device_id = \"pi-42\"", "", "a.toml, line 1: agent.device_id: ", "was expected")]
    [InlineData("device_id = \"pi-42\"", "device_id = 42", "a.toml, line 2: agent.device_id: ", "a text in quotes was expected, a number was found")]
    [InlineData("urls = [\"nats://10.0.0.4:4222\"]", "urls = []", "a.toml, line 4: nats.urls: ", "at least one broker")]
    [InlineData("urls = [\"nats://10.0.0.4:4222\"]", "urls = [\"http://x\"]", "a.toml, line 4: nats.urls: ", "no broker")]
    [InlineData("socket =", "sokcet =", "a.toml, line 6: podman.sokcet is not known", "socket")]
    [InlineData("[podman]", "[pod]", "a.toml, line 5: [pod] is not known", "podman")]
    [InlineData("[podman]", "[podman]\nnofile = 3", "a.toml, line 6: podman.nofile: ", "go together")]
    [InlineData("[podman]", "[limits]\nparallel = 99\n[podman]", "a.toml, line 6: limits.parallel: ", "1 to 16")]
    [InlineData("[podman]", "[credentials]\nsource = \"magic\"\n[podman]", "a.toml, line 6: credentials.source: ", "static or creds-file")]
    [InlineData("[podman]", "[credentials]\nsource = \"static\"\nuser = \"a\"\npassword = \"b\"\npassword_file = \"c\"\n[podman]", "a.toml, line 8: credentials.password: ", "exclude each other")]
    [InlineData("[podman]", "[credentials]\nsource = \"static\"\nuser = \"a\"\npassword_file = \"missing\"\n[podman]", "a.toml, line 8: credentials.password_file: ", "cannot be read")]
    [InlineData("[podman]", "[[registries]]\nhost = \"a\"\nusername = \"x\"\n[podman]", "a.toml, line 7: registries.username: ", "password")]
    [InlineData("[podman]", "[labels]\na = 1\n[podman]", "a.toml, line 6: labels.a: ", "a text was expected")]
    public void What_is_wrong_is_said_with_its_line(string old, string changed, string where, string what)
    {
        var error = Read(Least.Replace(old, changed, StringComparison.Ordinal)).Error.ShouldNotBeNull();
        error.Message.ShouldStartWith(where);
        error.Message.ShouldContain(what);
    }

    private static AgentResult<AgentConfig> Read(string text) =>
        AgentConfigReader.Read(text, "a.toml", name => name == "missing" ? throw new FileNotFoundException("no such file") : "from the file\n");
}
