using System.Diagnostics;
using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>The classes that share the one cluster of this machine.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterTests : ICollectionFixture<RunningCluster>
{
    public const string Name = "a running cluster";
}

/// <summary>The demo's cluster, made by <c>gtc demo kind-up</c> for the tests of a few classes and taken away after them.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private readonly FreshHome _home = new();
    private Task? _up;

    /// <summary>Where the cluster is found.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>A file or folder in the home of who uses it.</summary>
    public string PathTo(string name) => _home.PathTo(name);

    /// <summary>What the environment says besides.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>The store of the demo itself.</summary>
    public string DemoStore => _home.PathTo(".greentic/demo-cluster/author/environments");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes it, once.</summary>
    public Task UpAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "a node is started by root only; run  sudo ./test EndToEnd");
        return _up ??= MakeAsync();
    }

    /// <summary>Runs gtc to its end; it must succeed.</summary>
    /// <returns>One element for each line that it wrote.</returns>
    public async Task<List<JsonElement>> GtcAsync(params string[] words)
    {
        var output = await Script.RunAsync(GtcExecutable.Path, Configure, words);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    /// <summary>Runs gtc to its end; it must refuse.</summary>
    /// <returns>The refusal.</returns>
    public async Task<JsonElement> RefusedAsync(params string[] words)
    {
        var finished = await Script.TryAsync(GtcExecutable.Path, Configure, words);
        finished.ExitCode.ShouldBe(1, finished.Output + finished.Errors);
        return JsonElement.Parse(finished.Errors.TrimEnd().Split('\n')[^1]).GetProperty("error");
    }

    /// <summary>Runs a verb of <c>gtc op</c>; it must succeed.</summary>
    /// <returns>Its result.</returns>
    public async Task<JsonElement> OpAsync(params string[] words) => (await GtcAsync(["op", .. words])).Single().GetProperty("result");

    /// <summary>Runs kubectl; it must succeed.</summary>
    public Task<string> KubectlAsync(params string[] words) => Script.RunAsync("kubectl", Configure, words);

    /// <summary>Asks until the answer is as wanted.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> UntilAsync(string what, TimeSpan patience, Func<Task<bool>> isSo)
    {
        var began = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isSo())
        {
            if (began.Elapsed > patience)
            {
                throw new TimeoutException($"not within {patience.TotalSeconds} s: {what}");
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return began.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_up is not null)
        {
            using var down = _home.Gtc.Start(["demo", "kind-down"]);
            await down.WaitForExitAsync(CancellationToken.None);
        }

        _home.Dispose();
    }

    private async Task MakeAsync()
    {
        var lines = await GtcAsync("demo", "kind-up");
        Kubeconfig = lines.Single(line => line.GetProperty("step").GetString() == "ready").GetProperty("kubeconfig").GetString()!;
    }

    private void Configure(ProcessStartInfo start)
    {
        start.WorkingDirectory = _home.Folder;
        start.Environment["HOME"] = _home.Folder;
        start.Environment["KUBECONFIG"] = Kubeconfig;
        // Where the programs of Kubernetes are kept from one run to the next.
        start.Environment["XDG_CACHE_HOME"] = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        foreach (var variable in (string[])["GTC_OPERATOR_KEY_PATH", "GREENTIC_ENV", "GREENTIC_STORE_ROOT", "NO_COLOR"])
        {
            start.Environment.Remove(variable);
        }

        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }
    }
}
