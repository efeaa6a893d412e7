using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Gtc.Artifacts.Digests;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server.Tests;

namespace Gtc.Runtime.Tests.Following;

/// <summary>A store server as a process of its own, to be killed, and whoever follows it, each with a folder of its own.</summary>
internal sealed class FollowLab : IAsyncDisposable
{
    public const string RevisionA = "01J8A1A1A1A1A1A1A1A1A1A1A1";
    public const string RevisionB = "01J8B2B2B2B2B2B2B2B2B2B2B2";

    private readonly List<IAsyncDisposable> _running = [];
    private Process? _server;
    private Uri _address = new("http://127.0.0.1:9/");
    private string _deployment = "";
    private ulong _choices;

    public static EnvId Env { get; } = EnvId.TryParse("prod", out var id) ? id : default;

    public string Root { get; } = Directory.CreateTempSubdirectory("gtc-follow-").FullName;

    public WorkerLab.LogCapture Logs { get; } = new();

    public ConcurrentDictionary<string, string> Workers { get; } = new(StringComparer.Ordinal);

    public StoreClient Client { get; private set; } = null!;

    private static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("Gtc.Runtime.Tests", "Gtc.Store.Server.Worker", StringComparison.Ordinal), "Gtc.Store.Server.Worker");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts the server; after it was killed it has another port, which followers learn when they connect.</summary>
    public async Task StartServerAsync()
    {
        _server = Process.Start(new ProcessStartInfo(Program, [Path.Combine(Root, "server"), Path.Combine(Root, "operator", "key.pem")])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        _address = new Uri((await _server.StandardOutput.ReadLineAsync(Token)).ShouldNotBeNull());
        Client = new StoreClient(_address);
    }

    public async Task KillServerAsync()
    {
        _server!.Kill();
        await _server.WaitForExitAsync(Token);
        _server.Dispose();
        _server = null;
        Client.Dispose();
    }

    /// <summary>An environment with one deployment and two revisions that are ready, all traffic on the first.</summary>
    public async Task DeployAsync()
    {
        await StartServerAsync();
        (await Client.CreateAsync("prod")).Must(200);
        (await Client.ChangeAsync("POST", "/environments/prod/trust-root/bootstrap")).Must(200);
        _deployment = (await Client.ChangeAsync(
            "POST",
            "/environments/prod/bundles",
            """
            {"bundle_id":"main","customer_id":"acme","revenue_share":[{"party_id":"greentic","basis_points":10000}],
             "route_binding":{"hosts":[],"path_prefixes":["/"],"tenant_selector":{"tenant":"acme","team":"default"}}}
            """)).Must(200).Result.GetProperty("deployment_id").GetString()!;
        var bundle = await WorkerLab.BuildAsync("hello-worker", Root);
        var digest = ContentDigest.OfFile(bundle, Token).Value;
        foreach (var revision in (string[])[RevisionA, RevisionB])
        {
            (await Client.ChangeAsync("POST", "/environments/prod/revisions", $$"""
                {"revision_id":"{{revision}}","deployment_id":"{{_deployment}}","bundle_digest":"{{digest}}","bundle_source_uri":"{{bundle}}",
                 "pack_list":[],"pack_list_lock_ref":"revisions/{{revision}}/pack-list.lock","pack_config_refs":[],"config_digest":"sha256:{{new string('b', 64)}}",
                 "signature_sidecar_ref":"rev.sig","drain_seconds":30}
                """)).Must(200);
            (await Client.WarmAsync("prod", revision)).Must(200);
        }

        await DialAsync(10_000);
    }

    /// <summary>Turns the dial on the server: this share for the first revision, the rest for the second.</summary>
    public async Task DialAsync(int shareOfA) =>
        (await Client.TrafficAsync("prod", _deployment, $$"""{"revision_id":"{{RevisionA}}","weight_bps":{{shareOfA}}},{"revision_id":"{{RevisionB}}","weight_bps":{{10_000 - shareOfA}}}""")).Must(200);

    public async Task RollBackAsync() => (await Client.ChangeAsync("POST", "/environments/prod/traffic/rollback", $$"""{"deployment_id":"{{_deployment}}"}""")).Must(200);

    /// <summary>Follows with a folder of its own.</summary>
    public Task<Outcome<StoreFollower>> FollowAsync(string name) => StoreFollower.StartAsync(
        new FollowOptions(
            Env,
            Store(name),
            () => StoreTarget.Of(_address.ToString(), null).Then(target => StoreTransport.Default.Open(target).Then<StoreFeed>(transport => new StoreFeed(target, transport, TimeProvider.System))),
            TimeProvider.System,
            static () => 0,
            Logs),
        Token);

    public FileEnvironmentStore Store(string name) => new(new StoreLayout(Path.Combine(Root, name)), TimeProvider.System, RandomNumberGenerator.Fill);

    /// <summary>A worker that follows; of everything, or of one revision.</summary>
    public async Task<WorkerHost> WorkerAsync(string name, string? revision = null)
    {
        var worker = (await WorkerHost.StartAsync(await OptionsAsync(name, revision), Token)).Value;
        _running.Add(worker);
        if (revision is not null)
        {
            Workers[revision] = worker.Address.ToString();
        }

        return worker;
    }

    public async Task<RouterHost> RouterAsync()
    {
        var options = await OptionsAsync("router", null);
        var router = (await RouterHost.StartAsync(options with { WorkerAddress = id => Workers[id.ToString()], Random = () => Interlocked.Increment(ref _choices) * 0x9E3779B97F4A7C15 }, Token)).Value;
        _running.Add(router);
        return router;
    }

    /// <summary>Stops whatever follows.</summary>
    public async Task StopFollowersAsync()
    {
        // Workers before what they follow.
        foreach (var one in Enumerable.Reverse(_running))
        {
            await one.DisposeAsync();
        }

        _running.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopFollowersAsync();
        if (_server is not null)
        {
            await KillServerAsync();
        }

        Directory.Delete(Root, recursive: true);
    }

    private async Task<WorkerOptions> OptionsAsync(string name, string? revision)
    {
        var follower = (await FollowAsync(name)).Value;
        _running.Add(follower);
        return new WorkerOptions
        {
            Environment = Env,
            Store = Store(name),
            Following = follower,
            Variable = variable => variable switch { "PORT" => "0", "GREENTIC_REVISION_ID" => revision, _ => null },
            Banners = TextWriter.Null,
            Logging = Logs,
            Time = TimeProvider.System,
            Random = () => 0,
            Keys = RandomNumberGenerator.Fill,
            Jitter = () => 0,
        };
    }
}
