using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

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
    public async Task Its_url_stands_in_the_runtime_file_while_it_is_open_and_what_others_found_stays()
    {
        Discover("""{"schema":"greentic.environment-runtime.v1","environment_id":"local","discovered":{"router_url":"http://router:8080"},"generated_at":"2026-11-20T14:02:03Z","generated_by":"greentic.deployer.k8s@1.0.0","generation":4}""");
        var program = Program($"""
            [ -e "$0.ends" ] && exit 3
            printf 'INF |  %s  |\n' {Url} >&2
            until [ -e "$0.ends" ]; do sleep 0.1; done
            exit 3
            """);
        await RunAsync(program, async (_, client) =>
        {
            await Eventually.HoldsAsync(() => TunnelUrl() == Url);
            Runtime().GetProperty("discovered").GetProperty("router_url").GetString().ShouldBe("http://router:8080");
            Runtime().GetProperty("generated_by").GetString().ShouldBe("greentic.deployer.k8s@1.0.0");
            await File.WriteAllTextAsync($"{program}.ends", "", Token);
            await Eventually.HoldsAsync(() => TunnelUrl() is null);
            (await client.GreetAsync()).Status.ShouldBe(200);
            return 0;
        });
        Runtime().GetProperty("discovered").GetProperty("router_url").GetString().ShouldBe("http://router:8080");
    }

    [Fact]
    public async Task Its_url_leaves_the_runtime_file_with_the_worker()
    {
        var program = Program($"""
            printf 'INF |  %s  |\n' {Url} >&2
            exec sleep 600
            """);
        await RunAsync(program, async (_, _) =>
        {
            await Eventually.HoldsAsync(() => TunnelUrl() == Url);
            return 0;
        });
        TunnelUrl().ShouldBeNull();
    }

    [Fact]
    public async Task What_a_killed_worker_left_is_removed_by_the_next_one()
    {
        Discover($$"""{"schema":"greentic.environment-runtime.v1","environment_id":"local","discovered":{"tunnel_url":"{{Url}}"},"generated_at":"2026-11-20T14:02:03Z","generated_by":"greentic.deployer.local-process@0.1.0","generation":1}""");
        await RunAsync(null, (_, _) =>
        {
            TunnelUrl().ShouldBeNull();
            return Task.FromResult(0);
        });
    }

    [Fact]
    public async Task Where_the_runtime_file_cannot_be_written_one_line_says_so_and_status_has_the_url()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Environment, "runtime.json"));
        var program = Program($"""
            printf 'INF |  %s  |\n' {Url} >&2
            exec sleep 600
            """);
        await RunAsync(program, async (_, client) =>
        {
            await Eventually.HoldsAsync(() => _lab.Logs.Lines.Any(IsAboutRecord));
            PublicUrl(await client.StatusAsync()).ShouldBe(Url);
            return 0;
        });
        _lab.Logs.Lines.Count(IsAboutRecord).ShouldBe(1);

        static bool IsAboutRecord((LogLevel Level, string Text) line) => line.Text.StartsWith("runtime.json does not follow", StringComparison.Ordinal);
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

    private void Discover(string runtime)
    {
        Directory.CreateDirectory(_lab.Environment);
        File.WriteAllText(Path.Combine(_lab.Environment, "runtime.json"), runtime);
    }

    private JsonElement Runtime() => JsonElement.Parse(File.ReadAllBytes(Path.Combine(_lab.Environment, "runtime.json")));

    /// <summary>What the runtime file says of it; null when it says nothing or is absent.</summary>
    private string? TunnelUrl() =>
        File.Exists(Path.Combine(_lab.Environment, "runtime.json")) && Runtime().GetProperty("discovered").TryGetProperty("tunnel_url", out var url) ? url.GetString() : null;

    private string Program(string script)
    {
        var path = Path.Combine(_lab.Root, "tunnel");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private async Task<T> RunAsync<T>(string? program, Func<WorkerHost, WorkerClient, Task<T>> use)
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
