using System.Diagnostics;
using System.Globalization;
using Gtc.Kubernetes;

namespace Gtc.Load;

/// <summary>A real API server, made by <c>eng/kube-node</c>; KUBECONFIG leads to it while it runs.</summary>
internal sealed class KubernetesLab : IAsyncDisposable
{
    private const string Script = "eng/kube-node";

    private readonly string _folder;
    private readonly HttpClient _http;

    private KubernetesLab(string folder, KubeConfig config)
    {
        _folder = folder;
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The certificate was made a moment ago, for this run.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        _http = new HttpClient(handler) { BaseAddress = config.Server };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", config.Token);
    }

    public static async Task<KubernetesLab> StartAsync()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("gtc-load-kube-").FullName, "node");
        await RunAsync("api", folder);
        Environment.SetEnvironmentVariable("KUBECONFIG", Path.Combine(folder, "kubeconfig"));
        return new KubernetesLab(folder, KubeConfig.Find(null, Environment.GetEnvironmentVariable).Value ?? throw new InvalidOperationException($"{Script} left no kubeconfig"));
    }

    /// <summary>Where it leads to.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <summary>One of its processes.</summary>
    /// <param name="name"><c>etcd</c> or <c>kube-apiserver</c>.</param>
    public int ProcessIdOf(string name) => int.Parse(File.ReadAllText(Path.Combine(_folder, name + ".pid")).Trim(), CultureInfo.InvariantCulture);

    /// <summary>How many requests the server has answered, its own included.</summary>
    public async Task<long> RequestsAsync() => (await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
        .Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) && !line.Contains("resource=\"leases\"", StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.AllowExponent | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await RunAsync("down", _folder);
    }

    private static async Task RunAsync(string verb, string folder)
    {
        using var running = Process.Start(Script, [verb, "--dir", folder]);
        await running.WaitForExitAsync();
        if (running.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Script} {verb} ended with {running.ExitCode}");
        }
    }
}
