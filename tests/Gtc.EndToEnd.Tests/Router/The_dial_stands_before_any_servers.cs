namespace Gtc.EndToEnd.Tests.Router;

public sealed class The_dial_stands_before_any_servers : IAsyncDisposable
{
    private readonly FreshHome _home = new();
    private readonly NamedServer _old = new("old");
    private readonly NamedServer _new = new("new");

    [Fact]
    public async Task Shares_are_held()
    {
        await using var router = await StartAsync("--no-caller-cookie", "--backend", $"stable=90@{_old.Address}", "--backend", $"next=10@{_new.Address}");
        var counts = await router.CountAsync(2000);
        counts["new"].ShouldBeInRange(130, 280);
        counts["old"].ShouldBe(2000 - counts["new"]);
    }

    [Fact]
    public async Task A_caller_with_its_cookie_stays_and_one_with_its_field_does()
    {
        await using var router = await StartAsync("--caller-field", "X-Customer", "--backend", $"stable=50@{_old.Address}", "--backend", $"next=50@{_new.Address}");
        var (first, response) = await router.GetAsync();
        var cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var field = (await router.GetAsync("/", "X-Customer: 42")).Name;
        for (var request = 0; request < 30; request++)
        {
            (await router.GetAsync("/", $"Cookie: {cookie}")).Name.ShouldBe(first);
            (await router.GetAsync("/", "X-Customer: 42")).Name.ShouldBe(field);
        }

        (await router.CountAsync(60)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_named_revision_and_forwarding_fields_are_believed_from_trusted_peers_only(bool isTrusted)
    {
        await using var router = await StartAsync("--trusted-proxies", isTrusted ? "127.0.0.0/8" : "10.0.0.0/8", "--no-caller-cookie", "--backend", $"stable=9999bps@{_old.Address}", "--backend", $"next=1bps@{_new.Address}");
        var names = new List<string>();
        for (var request = 0; request < 10; request++)
        {
            var (name, response) = await router.GetAsync("/", "X-Greentic-Revision: next", "X-Forwarded-Proto: https", "X-Show-Revision: 1");
            names.Add(name);
            response.Headers.GetValues("X-Served-Revision").Single().ShouldBe(name == "old" ? "stable" : "next");
        }

        names.Count(name => name == "new").ShouldBeInRange(isTrusted ? 10 : 0, isTrusted ? 10 : 1);
        (isTrusted ? _new : _old).Heads.First().ShouldContain(isTrusted ? "X-Forwarded-Proto: https\n" : "X-Forwarded-Proto: http\n");
    }

    [Theory]
    [InlineData("in place")]
    [InlineData("renamed over")]
    [InlineData("link swapped")]
    public async Task A_changed_file_is_routed_on_within_a_second(string how)
    {
        var config = _home.PathTo("router.json");
        if (how == "link swapped")
        {
            // As a ConfigMap is mounted: the file is a link through a folder that is itself a link.
            Directory.CreateDirectory(_home.PathTo("v1"));
            await WriteAsync(Path.Combine(_home.PathTo("v1"), "router.json"), 100, 0);
            Directory.CreateSymbolicLink(_home.PathTo("data"), _home.PathTo("v1"));
            File.CreateSymbolicLink(config, Path.Combine(_home.PathTo("data"), "router.json"));
        }
        else
        {
            await WriteAsync(config, 100, 0);
        }

        await using var router = await RunningRouter.StartAsync(_home.Gtc, "--config", config);
        (await router.CountAsync(20)).Keys.ShouldBe(["old"]);
        switch (how)
        {
            case "in place":
                await WriteAsync(config, 0, 100);
                break;
            case "renamed over":
                await WriteAsync($"{config}.new", 0, 100);
                File.Move($"{config}.new", config, overwrite: true);
                break;
            default:
                Directory.CreateDirectory(_home.PathTo("v2"));
                await WriteAsync(Path.Combine(_home.PathTo("v2"), "router.json"), 0, 100);
                Directory.CreateSymbolicLink(_home.PathTo("data.new"), _home.PathTo("v2"));
                using (var swap = System.Diagnostics.Process.Start("mv", ["-T", _home.PathTo("data.new"), _home.PathTo("data")]))
                {
                    await swap.WaitForExitAsync(TestContext.Current.CancellationToken);
                }

                break;
        }

        await RunningRouter.UntilAsync(async () => (await router.GetAsync()).Name == "new");
        (await router.CountAsync(50)).Keys.ShouldBe(["new"]);
    }

    [Fact]
    public async Task A_file_that_is_wrong_keeps_the_dial_and_says_why()
    {
        var config = _home.PathTo("router.json");
        await WriteAsync(config, 100, 0);
        await using var router = await RunningRouter.StartAsync(_home.Gtc, "--config", config);
        (await router.StatusAsync())["problem"].ShouldBeNull();
        await WriteAsync(config, 50, 49);
        await RunningRouter.UntilAsync(async () => (await router.StatusAsync())["problem"] is not null);
        (await router.StatusAsync())["problem"]!.GetValue<string>().ShouldContain("sum to 99 %");
        (await router.CountAsync(20)).Keys.ShouldBe(["old"]);
        router.Errors.ShouldContain("the dial stays as it was");
        await WriteAsync(config, 0, 100);
        await RunningRouter.UntilAsync(async () => (await router.StatusAsync())["problem"] is null);
        (await router.CountAsync(20)).Keys.ShouldBe(["new"]);
    }

    [Fact]
    public async Task Asked_to_end_it_lets_requests_end_first()
    {
        var answers = new TaskCompletionSource();
        _old.Answers = answers.Task;
        await using var router = await StartAsync("--backend", $"stable=100@{_old.Address}");
        var asking = router.GetAsync();
        await RunningRouter.UntilAsync(() => Task.FromResult(!_old.Heads.IsEmpty));
        var ending = router.EndAsync();
        await RunningRouter.UntilAsync(() => IsRefusingAsync(router));
        answers.SetResult();
        (await asking).Name.ShouldBe("old");
        (await ending).ShouldBe(0);
    }

    [Fact]
    public async Task A_backend_whose_checks_fail_gets_nothing_until_they_pass_and_metrics_say_so()
    {
        await using var router = await StartAsync("--no-caller-cookie", "--health-path", "/healthz", "--backend", $"stable=50@{_old.Address}", "--backend", $"next=50@{_new.Address}");
        _new.Health = "500 Sick";
        await RunningRouter.UntilAsync(async () => (await MetricsAsync(router)).Contains("revision=\"next\"} 0", StringComparison.Ordinal) && !await IsHealthyAsync(router));
        (await router.CountAsync(30)).Keys.ShouldBe(["old"]);
        _new.Health = "200 OK";
        await RunningRouter.UntilAsync(() => IsHealthyAsync(router));
        (await router.CountAsync(60)).Count.ShouldBe(2);
        var metrics = await MetricsAsync(router);
        metrics.ShouldContain("# TYPE gtc_requests_total counter\n");
        foreach (var line in metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            System.Text.RegularExpressions.Regex.IsMatch(line, "^[a-z_]+\\{([a-z]+=\"[^\"]*\",?)+\\} [0-9.e+-]+$").ShouldBeTrue(line);
        }
    }

    [Fact]
    public async Task Both_sides_speak_http2_where_they_are_to()
    {
        await using var modern = await Http2Server.StartAsync("modern");
        await using var router = await StartAsync("--health-path", "/", "--no-caller-cookie", "--backend", $"stable=50@http://{_old.Address}", "--backend", $"next=50@h2c://{modern.Address}");
        foreach (var version in new[] { System.Net.HttpVersion.Version11, System.Net.HttpVersion.Version20 })
        {
            var names = new HashSet<string>();
            for (var asked = 0; asked < 40; asked++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                using var answer = await router.Client.SendAsync(request, TestContext.Current.CancellationToken);
                answer.Version.ShouldBe(version);
                names.Add(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }

            names.ShouldBe(["old", "modern over HTTP/2"], ignoreOrder: true);
        }

        var backends = (await router.StatusAsync())["backends"]!.AsArray();
        backends.Sum(backend => backend!["requests"]!.GetValue<long>()).ShouldBe(80);
        backends.ShouldAllBe(backend => backend!["healthy"]!.GetValue<bool>() && backend["errors"]!.GetValue<long>() == 0);
    }

    [Theory]
    [InlineData("from 1 to 256 backends are needed", "--listen", "127.0.0.1:0")]
    [InlineData("sum to 90 %", "--backend", "a=90@127.0.0.1:1")]
    [InlineData("must be name=weight@ip:port", "--backend", "a:90")]
    [InlineData("given twice", "--backend", "a=50@127.0.0.1:1", "--backend", "a=50@127.0.0.1:2")]
    [InlineData("cpus must be from 1", "--cpus", "0", "--backend", "a=100@127.0.0.1:1")]
    [InlineData("must be a range of addresses", "--trusted-proxies", "all", "--backend", "a=100@127.0.0.1:1")]
    [InlineData("exclude each other", "--config", "x.json", "--cpus", "2")]
    public async Task What_cannot_be_done_is_said_at_the_start(string expected, params string[] words)
    {
        var finished = await _home.Gtc.RunAsync(["router", .. words]);
        finished.ExitCode.ShouldNotBe(0);
        (finished.Output + finished.Errors).ShouldContain(expected);
    }

    public async ValueTask DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>Whether a new connection is not served any more.</summary>
    private static async Task<bool> IsRefusingAsync(RunningRouter router)
    {
        using var client = new System.Net.Sockets.TcpClient();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMilliseconds(300));
        try
        {
            // What is no request is refused by the router itself and at once, as long as connections are taken; then nobody takes this one.
            await client.ConnectAsync(System.Net.IPEndPoint.Parse(router.Address), timeout.Token);
            await client.GetStream().WriteAsync("no request\r\n\r\n"u8.ToArray(), timeout.Token);
            return await client.GetStream().ReadAsync(new byte[1], timeout.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (Exception error) when (error is System.Net.Sockets.SocketException or IOException)
        {
            return true;
        }
    }

    private static async Task<bool> IsHealthyAsync(RunningRouter router) => (await router.StatusAsync())["backends"]![1]!["healthy"]!.GetValue<bool>();

    private static Task<string> MetricsAsync(RunningRouter router) => router.Client.GetStringAsync(new Uri($"http://{router.Admin}/metrics"), TestContext.Current.CancellationToken);

    private Task<RunningRouter> StartAsync(params string[] words) => RunningRouter.StartAsync(_home.Gtc, ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", .. words]);

    private Task WriteAsync(string path, int old, int @new) =>
        File.WriteAllTextAsync(path, RunningRouter.Config($"stable={old}@{_old.Address}", $"next={@new}@{_new.Address}"), TestContext.Current.CancellationToken);
}
