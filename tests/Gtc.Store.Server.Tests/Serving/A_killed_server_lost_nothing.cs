using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gtc.Store.Server.Tests.Serving;

/// <summary>A real process on real files, killed while it is written to.</summary>
public sealed class A_killed_server_lost_nothing : IDisposable
{
    private const string Env = "shop-eu";
    private const int Rounds = 5;
    private const int Writers = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-killed-").FullName;
    private readonly ConcurrentDictionary<string, (long Generation, string Etag)> _acknowledged = new();
    private readonly ConcurrentDictionary<string, string> _asked = new();
    private int _number;

    private static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("Gtc.Store.Server.Tests", "Gtc.Store.Server.Worker", StringComparison.Ordinal), "Gtc.Store.Server.Worker");

    [Fact]
    public async Task What_was_acknowledged_stands_and_a_retry_is_done_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (process, address) = await StartAsync();
            using (process)
            {
                using var client = new StoreClient(address);
                if (round == 0)
                {
                    (await client.CreateAsync(Env)).Must(200);
                }

                var enough = _acknowledged.Count + 20 + (round * 7);
                var writers = Enumerable.Range(0, Writers).Select(_ => WriteAsync(address, process, enough)).ToList();
                await Task.WhenAll(writers);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
        }

        await CheckAsync();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Writes until the server is gone; whoever sees enough acknowledged changes kills it in the middle of those of the others.</summary>
    private async Task WriteAsync(Uri address, Process process, int enough)
    {
        using var client = new StoreClient(address);
        try
        {
            while (true)
            {
                var key = $"write-{Interlocked.Increment(ref _number)}";
                _asked[key] = key;
                var answer = (await client.RenameAsync(Env, key, key)).Must(200);
                _acknowledged[key] = (answer.Generation, answer.Etag);
                if (_acknowledged.Count >= enough)
                {
                    process.Kill();
                }
            }
        }
        catch (HttpRequestException)
        {
            // The server is gone.
        }
    }

    private async Task CheckAsync()
    {
        var (process, address) = await StartAsync();
        using (process)
        {
            using var client = new StoreClient(address);
            _acknowledged.Count.ShouldBeGreaterThan(Rounds * 20);
            foreach (var (key, (generation, etag)) in _acknowledged)
            {
                var again = (await client.RenameAsync(Env, key, key)).Must(200);
                again.Idempotency.ShouldBe("replayed", key);
                again.Generation.ShouldBe(generation);
                again.Etag.ShouldBe(etag);
            }

            // What was not acknowledged stands or does not; after a retry it stands once.
            foreach (var key in _asked.Keys)
            {
                (await client.RenameAsync(Env, key, key)).Must(200);
            }

            (await client.GetAsync($"/environments/{Env}")).Generation.ShouldBe(1 + _asked.Count);
            var audit = await client.AuditAsync(Env, "?limit=1000&verb=update&outcome=ok");
            audit.Select(line => line.GetProperty("idempotency_key").GetString()).Order().ShouldBe(_asked.Keys.Order());
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0);
        }
    }

    private async Task<(Process Process, Uri Address)> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(Program, [Path.Combine(_folder, "data"), Path.Combine(_folder, "operator", "key.pem")])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var address = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return (process, new Uri(address.ShouldNotBeNull()));
    }
}
