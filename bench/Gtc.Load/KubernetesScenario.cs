using System.Diagnostics;
using System.Globalization;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Load;

/// <summary>
/// (i) Rendering a thousand revisions, in process; and a whole <c>gtc op env reconcile</c> of 200 revisions of which one changed, against
/// <c>kubectl apply --server-side</c> of the same rendered folder on the same API server; the two in turn, on the same objects.
/// </summary>
internal static class KubernetesScenario
{
    private const int Rendered = 1000;
    private const int Reconciled = 200;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        Render(options.Runs);
        await using var lab = await KubernetesLab.StartAsync();
        var environment = await KubernetesEnvironment.CreateAsync("bench", Reconciled);
        try
        {
            await CompareAsync(options, lab, environment);
        }
        finally
        {
            Directory.Delete(environment.Folder, recursive: true);
        }

        return 0;
    }

    private static void Render(int runs)
    {
        var document = KubernetesEnvironment.Author(Rendered);
        var settings = RenderSettings.Of(EnvId.Local, PackAnswers.Defaults(null), new SecretsBackend.DevStore("QQ=="), "localhost/gtc:bench");
        var times = new List<double>();
        for (var run = -2; run < runs; run++)
        {
            var began = Stopwatch.GetTimestamp();
            var bytes = Renderer.Render(document, settings).Value.Sum(item => KubeJson.ToElement(item).GetRawText().Length);
            if (run >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            if (run == -2)
            {
                Console.WriteLine($"k8s: {Rendered} revisions are {bytes:N0} bytes of objects");
            }
        }

        Console.WriteLine($"k8s: rendering them  median {MeasuredProcess.Median(times):F1} ms  (min {times.Min():F1}, max {times.Max():F1})");
    }

    private static async Task CompareAsync(LoadOptions options, KubernetesLab lab, KubernetesEnvironment environment)
    {
        var folder = Path.Combine(environment.Folder, "manifests");
        string[] reconcile = ["op", "env", "reconcile", "--no-wait", "--store-root", environment.StoreRoot];
        string[] render = ["op", "env", "render", "--include-secrets", "--kube-version", "1.20", "--output", folder, "--store-root", environment.StoreRoot];
        string[] apply = ["apply", "--server-side", "--force-conflicts", "-f", folder];
        Console.WriteLine($"k8s: first reconcile of {Reconciled} revisions {await ShowScenario.TimeAsync(options.Gtc, reconcile):F0} ms");
        await ShowScenario.TimeAsync(options.Gtc, render);
        Console.WriteLine($"k8s: the same objects by kubectl apply   {await ShowScenario.TimeAsync("kubectl", apply):F0} ms");
        var (mine, peer, idle) = (new List<double>(), new List<double>(), new List<double>());
        var (myRequests, peerRequests, idleRequests) = (0L, 0L, 0L);
        for (var run = 0; run < options.Runs; run++)
        {
            await environment.ChangeOneAsync();
            var before = await lab.RequestsAsync();
            mine.Add(await ShowScenario.TimeAsync(options.Gtc, reconcile));
            var after = await lab.RequestsAsync();
            myRequests = after - before;

            before = await lab.RequestsAsync();
            idle.Add(await ShowScenario.TimeAsync(options.Gtc, reconcile));
            idleRequests = await lab.RequestsAsync() - before;

            await environment.ChangeOneAsync();
            await ShowScenario.TimeAsync(options.Gtc, render);
            before = await lab.RequestsAsync();
            peer.Add(await ShowScenario.TimeAsync("kubectl", apply));
            peerRequests = await lab.RequestsAsync() - before;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"k8s: reconcile with one change   median {MeasuredProcess.Median(mine):F0} ms  {myRequests} requests"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"k8s: reconcile with no change    median {MeasuredProcess.Median(idle):F0} ms  {idleRequests} requests"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"k8s: kubectl apply --server-side median {MeasuredProcess.Median(peer):F0} ms  {peerRequests} requests"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"k8s: ratio of medians {MeasuredProcess.Median(mine) / MeasuredProcess.Median(peer):F2}, {options.Runs} runs each, in turn; requests as the API server counts them, its own among them"));
    }
}
