using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Load;

/// <summary>A single etcd on the same disk, spoken to through its HTTP gateway over one connection that stays open.</summary>
internal sealed class EtcdServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;
    private int _turn;

    private EtcdServer(Process process, Uri address) => (_process, _client) = (process, new HttpClient { BaseAddress = address });

    public static async Task<EtcdServer> StartAsync(string folder)
    {
        var (client, peer) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("etcd") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var word in (string[])
            [
                "--data-dir", Path.Combine(folder, "etcd"), "--log-level", "error", "--log-outputs", "stderr",
                "--listen-client-urls", $"http://127.0.0.1:{client}", "--advertise-client-urls", $"http://127.0.0.1:{client}",
                "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
                "--initial-cluster", $"default=http://127.0.0.1:{peer}",
            ])
        {
            start.ArgumentList.Add(word);
        }

        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var server = new EtcdServer(process, new Uri($"http://127.0.0.1:{client}/"));
        while (!await server.IsReadyAsync())
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException("etcd ended; eng/install-bench-peers installs it.");
            }

            await Task.Delay(50);
        }

        return server;
    }

    /// <summary>One put of one key; answered when it is on disk.</summary>
    /// <param name="bytes">The length of the value.</param>
    public async Task PutAsync(int bytes)
    {
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes("environments/local"));
        var value = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Interlocked.Increment(ref _turn).ToString($"D{bytes}", CultureInfo.InvariantCulture)}"));
        using var body = new StringContent($$"""{"key":"{{key}}","value":"{{value}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync("v3/kv/put", body);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _client.GetAsync("health");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
