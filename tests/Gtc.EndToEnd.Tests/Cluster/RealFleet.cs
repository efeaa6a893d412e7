using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gtc.Fleet.Agent.Setup;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>
/// A fleet of real parts: a real API server, a real broker, the published operator, and devices with a network, a podman and a published agent each, that have gtc's own image. Whoever
/// uses it is somebody with an empty home.
/// </summary>
public sealed class RealFleet : IAsyncLifetime
{
    /// <summary>How long anything may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const int Devices = 3;

    private readonly FreshHome _home = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-fl-").FullName;
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _network = string.Create(CultureInfo.InvariantCulture, $"gf{Environment.ProcessId % 100_000}");
    private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"198.19.{Environment.ProcessId % 200}");
    private Task? _up;

    internal ImmutableArray<RealDevice> All { get; private set; } = [];

    internal string Broker { get; private set; } = "";

    /// <summary>The address of this machine as devices and their containers see it.</summary>
    public string Gateway => $"{_subnet}.1";

    /// <summary>What bundles are served from.</summary>
    public string Distributor { get; private set; } = "";

    public string Image { get; private set; } = "";

    private string Kubeconfig => Path.Combine(_folder, "kube", "kubeconfig");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes it, once.</summary>
    public Task UpAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/etc/debian_version"), "networks and podman of the devices need root and Debian's packages");
        Assert.SkipUnless(File.Exists("/usr/lib/cni/bridge") && File.Exists("/usr/sbin/nats-server"), "containernetworking-plugins and nats-server are not installed: eng/install-test-servers");
        return _up ??= MakeAsync();
    }

    /// <summary>Runs a verb of gtc; it must succeed.</summary>
    /// <returns>Its result.</returns>
    public async Task<JsonElement> GtcAsync(params string[] words)
    {
        var output = await Script.RunAsync(GtcExecutable.Path, Configure, words);
        return JsonElement.Parse(output.Trim()).GetProperty("result");
    }

    /// <summary>Runs a verb of gtc that may be refused.</summary>
    internal Task<Finished> TryGtcAsync(params string[] words) => Script.TryAsync(GtcExecutable.Path, Configure, words);

    /// <summary>A file of whoever uses it.</summary>
    public string PathTo(string name) => _home.PathTo(name);

    /// <summary>Runs kubectl; it must succeed.</summary>
    public Task<string> KubectlAsync(params string[] words) => Script.RunAsync("kubectl", Configure, words);

    /// <summary>The revision that answers on a device.</summary>
    internal async Task<string> AskAsync(RealDevice device)
    {
        using var question = new StringContent("""{"text":"Ada"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri($"http://{device.Address}:8080/"), question, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return text[(text.IndexOf("I am revision ", StringComparison.Ordinal) + "I am revision ".Length)..][..26];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        if (_up is not null)
        {
            await Script.TryAsync("ip", null, "link", "del", _network);
            await Script.TryAsync(Path.Combine(Repository.Root, "eng", "kube-node"), null, "down", "--dir", Path.Combine(_folder, "kube"));
        }

        _http.Dispose();
        _home.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeAsync()
    {
        await Script.EngAsync("kube-node", "api", "--dir", Path.Combine(_folder, "kube"));
        await Script.RunAsync("ip", null, "link", "add", _network, "type", "bridge");
        await Script.RunAsync("ip", null, "addr", "add", $"{Gateway}/24", "dev", _network);
        await Script.RunAsync("ip", null, "link", "set", _network, "up");
        await StartBrokerAsync();
        await GtcAsync("fleet", "install", "--crds-only");
        await KubectlAsync("create", "namespace", "fleet-system");
        Start("operator", GtcExecutable.Path, "fleet", "operator", "--nats-url", Broker, "--kubeconfig", Kubeconfig, "--namespace", "fleet-system");
        Directory.CreateDirectory(Path.Combine(_folder, "bundles"));
        await GtcAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", Path.Combine(_folder, "bundles", "hello.gtbundle"));
        var listen = $"{Gateway}:{FreePort()}";
        Start("distributor", GtcExecutable.Path, "distributor", "serve", Path.Combine(_folder, "bundles"), "--listen", listen);
        Distributor = $"http://{listen}";
        await JoinAsync();
    }

    private async Task StartBrokerAsync()
    {
        var port = FreePort();
        var config = Path.Combine(_folder, "broker.conf");
        await File.WriteAllTextAsync(config, $"listen: \"0.0.0.0:{port}\"\njetstream {{ store_dir: \"{_folder}/jetstream\", max_mem: 1GB, max_file: 16GB }}\n", Token);
        Start("broker", "/usr/sbin/nats-server", "-c", config);
        Broker = $"nats://{Gateway}:{port}";
    }

    private async Task JoinAsync()
    {
        var archive = Path.Combine(_folder, "image.tar");
        await Script.EngAsync("image", "--output", archive);
        Image = $"localhost/gtc:{(await Script.RunAsync(GtcExecutable.Path, null, "--version")).Trim().Split(' ')[1]}";
        All = [.. Enumerable.Range(1, Devices).Select(number => new RealDevice(_network, Path.Combine(_folder, $"{number}"), $"{number}", $"{_subnet}.{10 + number}", _network))];
        foreach (var device in All)
        {
            _servers.Add(device);
            await device.UpAsync(Gateway, archive);
            device.Boot(Broker, "site = \"lab\"", Unit());
        }

        await RunningCluster.UntilAsync("all devices are reachable", Patience, async () =>
            (await GtcAsync("fleet", "devices")).GetProperty("devices").EnumerateArray().Count(device => device.GetProperty("reachable").GetString() == "True") == Devices);
    }

    /// <summary>The variables that the unit of a device gives its agent.</summary>
    private static Dictionary<string, string> Unit() => SetupFiles.Unit(new SetupPlan { Device = "edge", NatsUrls = ["nats://127.0.0.1"], Program = GtcExecutable.Path }, 0)
        .Split('\n').Where(line => line.StartsWith("Environment=DOTNET_", StringComparison.Ordinal))
        .SelectMany(line => line["Environment=".Length..].Split(' '))
        .ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1], StringComparer.Ordinal);

    private void Start(string name, params string[] words) => _servers.Add(ServerProcess.Start(_folder, name, null, words));

    private void Configure(System.Diagnostics.ProcessStartInfo start)
    {
        start.WorkingDirectory = _home.Folder;
        start.Environment["HOME"] = _home.Folder;
        start.Environment["KUBECONFIG"] = Kubeconfig;
        foreach (var variable in (string[])["GTC_OPERATOR_KEY_PATH", "GREENTIC_ENV", "GREENTIC_STORE_ROOT", "NO_COLOR"])
        {
            start.Environment.Remove(variable);
        }
    }

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
