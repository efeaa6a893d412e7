using System.Diagnostics;
using System.Globalization;
using Gtc.Kubernetes;

namespace Gtc.Load;

/// <summary>A real API server, made by a script (<c>SCRIPT api|down</c>, KUBE_LAB_DIR); KUBECONFIG leads to it while it runs.</summary>
internal sealed class KubernetesLab : IAsyncDisposable
{
    private readonly string _script;
    private readonly HttpClient _http;

    private KubernetesLab(string script, KubeConfig config)
    {
        _script = script;
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The certificate was made a moment ago, for this run.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        _http = new HttpClient(handler) { BaseAddress = config.Server };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", config.Token);
    }

    public static async Task<KubernetesLab> StartAsync(string script)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-load-kube-").FullName;
        Environment.SetEnvironmentVariable("KUBE_LAB_DIR", folder);
        Environment.SetEnvironmentVariable("KUBE_LAB_PORT", Environment.GetEnvironmentVariable("KUBE_LAB_PORT") ?? "17443");
        await RunAsync(script, "api");
        Environment.SetEnvironmentVariable("KUBECONFIG", Path.Combine(folder, "kubeconfig"));
        return new KubernetesLab(script, KubeConfig.Find(null, Environment.GetEnvironmentVariable).Value ?? throw new InvalidOperationException("the script left no kubeconfig"));
    }

    /// <summary>How many requests the server has answered, its own included.</summary>
    public async Task<long> RequestsAsync() => (await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
        .Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) && !line.Contains("resource=\"leases\"", StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.AllowExponent | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await RunAsync(_script, "down");
    }

    private static async Task RunAsync(string script, string verb)
    {
        using var running = Process.Start(script, [verb]);
        await running.WaitForExitAsync();
        if (running.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script} {verb} ended with {running.ExitCode}");
        }
    }
}
