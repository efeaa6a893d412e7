using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gtc.Routing;

namespace Gtc.Runtime.Tests.Tunnels;

public sealed class A_tunnel_leads_to_a_worker : IDisposable
{
    private const string Url = "https://quiet-river.trycloudflare.com";

    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Its_url_is_told_and_it_ends_with_the_worker()
    {
        var program = Program($"""
            echo "$@" > "$0.words"; echo $$ > "$0.pid"
            echo 'ERR failed: Post "https://api.trycloudflare.com/tunnel"' >&2
            printf 'INF |  %s  |\n' {Url} >&2
            exec sleep 600
            """);
        using var process = await RunAsync(program, async (worker, client) =>
        {
            await Eventually.HoldsAsync(async () => PublicUrl(await client.StatusAsync()) == Url);
            (await File.ReadAllTextAsync($"{program}.words", Token)).Trim().ShouldBe($"tunnel --no-autoupdate --url http://127.0.0.1:{worker.Address.Port}");
            return Process.GetProcessById(int.Parse(await File.ReadAllTextAsync($"{program}.pid", Token), CultureInfo.InvariantCulture));
        });
        process.HasExited.ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_ends_is_opened_again()
    {
        var program = Program($"""
            printf 'INF |  %s  |\n' {Url} >&2
            [ -e "$0.again" ] && exec sleep 600
            touch "$0.again"
            exit 3
            """);
        await RunAsync(program, async (_, client) =>
        {
            await Eventually.HoldsAsync(() => File.Exists($"{program}.again"));
            await Eventually.HoldsAsync(async () => Problems(await client.StatusAsync()).Any(problem => problem.Contains("ended with 3", StringComparison.Ordinal)));
            await Eventually.HoldsAsync(async () => (await client.StatusAsync()) is var status && PublicUrl(status) == Url && !Problems(status).Any());
            return 0;
        });
    }

    [Fact]
    public async Task A_program_that_is_not_there_leaves_the_worker_serving() => await RunAsync(Path.Combine(_lab.Root, "absent"), async (_, client) =>
    {
        await Eventually.HoldsAsync(async () => Problems(await client.StatusAsync()).Any(problem => problem.Contains("cannot be started", StringComparison.Ordinal)));
        (await client.GreetAsync()).Status.ShouldBe(200);
        return 0;
    });

    [Fact]
    public async Task Nobody_on_this_machine_is_believed_while_one_is_wanted()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, 9999), (b, 1));
        _lab.Save();
        await using var worker = (await _lab.BootAsync(options => options with { TunnelBinary = Path.Combine(_lab.Root, "absent"), TrustedProxies = PeerRanges.Parse("127.0.0.0/8")!, Random = () => 0 })).Value;
        using var client = new WorkerClient(worker);
        var served = await client.GreetAsync(("X-Greentic-Revision", b.ToString()), ("x-greentic-user", "somebody"));
        served.IsFrom(a).ShouldBeTrue();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string? PublicUrl(JsonElement status) => status.TryGetProperty("public_url", out var url) ? url.GetString() : null;

    private static IEnumerable<string> Problems(JsonElement status) => status.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()!);

    private string Program(string script)
    {
        var path = Path.Combine(_lab.Root, "tunnel");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private async Task<T> RunAsync<T>(string program, Func<WorkerHost, WorkerClient, Task<T>> use)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        _lab.Route(deployment, (await _lab.StageAsync(deployment, bundle, bundle), 10_000));
        _lab.Save();
        await using var worker = (await _lab.BootAsync(options => options with { TunnelBinary = program })).Value;
        using var client = new WorkerClient(worker);
        return await use(worker, client);
    }
}
