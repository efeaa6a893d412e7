using System.Text;

namespace Gtc.Cli.Tests.Op.Apply;

/// <summary>What may happen to an apply only where the environment is on a server.</summary>
[OverAServer]
public sealed class An_apply_over_a_server_may_break_off
{
    private const string Secret = "hunter2-and-more";
    private const string Pasted = "correct-horse-battery";

    private const string Sections = """
        "trust_root":"bootstrap",
        "packs":[{"slot":"deployer","kind":"greentic.deployer.k8s@1.0.0","pack_ref":"builtin","answers":{"namespace":"x"}}],
        "secrets":[{"path":"acme/_/app/token","from_env":"TOKEN"}],
        "bundles":[{"bundle_id":"app","bundle_path":"app.gtbundle","status":"paused"}],
        "extensions":[{"kind":"acme.geo.lookup@1.0.0","pack_ref":"builtin","instance_id":"eu"}],
        "messaging_endpoints":[{"name":"bot","provider_type":"messaging.telegram.bot","links":["app"],"welcome_flow":{"bundle_id":"app","pack_id":"hello","flow_id":"greet"}}],
        "updates":{"enabled":false}
        """;

    /// <summary>A request that never arrives and one whose answer never arrives look the same to who asked.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task At_any_request_and_done_again_it_converges(bool arrives)
    {
        var cut = 0;
        for (var wasCut = true; wasCut;)
        {
            using var bench = new ApplyBench();
            bench.Cli.SetVariable("TOKEN", Secret);
            await bench.BuildAsync("app");
            var manifest = bench.Write(Sections);
            var line = new Line { CutAt = ++cut, Arrives = arrives };
            bench.Cli.Wire = line.Around;
            var run = await bench.RunAsync($"env apply --answers {manifest}");
            wasCut = line.IsCut;
            run.Exit.ShouldBe(wasCut ? 1 : 0, run.Stderr);
            if (wasCut)
            {
                run.Kind.ShouldBe("transport");
                run.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("label").GetString()).ShouldContain("the step");
            }

            bench.Cli.Wire = null;
            (await bench.ApplyAsync(manifest)).GetProperty("verify").GetProperty("failures").GetArrayLength().ShouldBe(0);
            (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0, $"after request {cut} was cut off");
            var document = await bench.DocumentAsync();
            document.GetProperty("revisions").GetArrayLength().ShouldBe(1);
            document.GetProperty("bundles").GetArrayLength().ShouldBe(1);
            var webhook = document.GetProperty("messaging_endpoints").EnumerateArray().ShouldHaveSingleItem().GetProperty("webhook_secret_ref").GetString()!["secret://local/".Length..];
            (await bench.Cli.OpAsync($"secrets get {webhook}")).GetProperty("present").GetBoolean().ShouldBeTrue();
        }

        cut.ShouldBeGreaterThan(11, "one request for each step, and more for secrets");
    }

    [Fact]
    public async Task Of_two_who_apply_at_once_one_wins_and_the_other_is_told()
    {
        using var bench = new ApplyBench();
        using var other = new TestCli();
        await bench.Cli.OpAsync("env init");
        await File.WriteAllTextAsync(Path.Combine(bench.Folder, "ada.json"), Named("Ada", "one"), TestContext.Current.CancellationToken);
        other.Write("bob.json", Named("Bob", "two"));

        // Ids are made of the time, and both count their random bytes alike.
        other.Time.Advance(TimeSpan.FromMinutes(1));
        var meeting = new Meeting(2);
        (bench.Cli.Wire, other.Wire) = (meeting.Before, meeting.Before);
        var runs = await Task.WhenAll(
            bench.RunAsync("env apply --answers manifests/ada.json"),
            other.RunAsync($"op env apply --answers bob.json --store-root {bench.Cli.StoreRoot} --format json"));
        runs.Select(run => run.Exit).Order().ToArray().ShouldBe([0, 1], string.Join('\n', runs.Select(run => run.Stderr)));
        var lost = runs.Single(run => run.Exit == 1);
        lost.Kind.ShouldBe("conflict");
        lost.Message.ShouldBe("environment `local` was changed by somebody else before step update-host-config `local`");
        lost.Error.GetProperty("next").GetString().ShouldBe("apply the manifest again: it goes on from here");
        lost.Error.GetProperty("details").EnumerateArray().Single(detail => detail.GetProperty("label").GetString() == "since").GetProperty("value").GetString()!.ShouldStartWith("env.update by ");
        (await bench.DocumentAsync()).GetProperty("name").GetString().ShouldBe(runs[0].Exit == 0 ? "Ada" : "Bob");

        (await bench.ApplyAsync("manifests/ada.json")).GetProperty("verify").GetProperty("failures").GetArrayLength().ShouldBe(0);
        (await bench.DocumentAsync()).GetProperty("name").GetString().ShouldBe("Ada");
    }

    [Fact]
    public async Task No_secret_travels_or_lies_there_in_clear()
    {
        using var bench = new ApplyBench();
        bench.Cli.SetVariable("TOKEN", Secret);
        bench.Cli.Typed = Pasted;
        await bench.BuildAsync("app");
        var line = new Line();
        bench.Cli.Wire = line.Around;
        await bench.ApplyAsync(bench.Write(Sections.Replace("\"secrets\":[", "\"secrets\":[{\"path\":\"acme/_/app/pasted\"},", StringComparison.Ordinal)), "--yes");
        bench.Cli.Wire = null;
        (await bench.Cli.OpAsync("secrets get acme/_/app/token --reveal")).GetProperty("value").GetString().ShouldBe(Secret);
        (await bench.Cli.OpAsync("secrets get acme/_/app/pasted --reveal")).GetProperty("value").GetString().ShouldBe(Pasted);
        var stored = Directory.GetFiles(bench.Cli.StoreRoot, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(File.ReadAllBytes);
        line.Sent.Count.ShouldBeGreaterThan(11);
        foreach (var bytes in line.Sent.Concat(stored))
        {
            var text = Encoding.Latin1.GetString(bytes);
            foreach (var value in (string[])[Secret, Pasted])
            {
                text.ShouldNotContain(value);
                text.ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(value)).TrimEnd('='));
            }
        }
    }

    [Fact]
    public async Task A_bundle_that_the_server_lost_is_brought_again()
    {
        using var bench = new ApplyBench();
        await bench.BuildAsync("app");
        var manifest = bench.Write("\"trust_root\":\"bootstrap\",\"bundles\":[{\"bundle_id\":\"app\",\"bundle_path\":\"app.gtbundle\"}]");
        await bench.ApplyAsync(manifest);
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0);
        var kept = Path.Combine(bench.Cli.StoreRoot, ".server", "artifacts", "sha256");
        File.Delete(Directory.GetFiles(kept).ShouldHaveSingleItem());
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(1);
        Directory.GetFiles(kept).ShouldHaveSingleItem();
        (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0);
    }

    private static string Named(string name, string bundle) =>
        $$"""{"schema":"greentic.env-manifest.v1","environment":{"id":"local","name":"{{name}}"},"bundles":[{{ApplyBench.Declared(bundle)}}]}""";

    private static bool IsChange(HttpRequestMessage request) => request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.StartsWith("/environments", StringComparison.Ordinal);

    /// <summary>A line to the server that keeps what was sent, and may break at a change.</summary>
    private sealed class Line
    {
        private int _changes;

        /// <summary>Breaks at this change, counted from 1; 0 for never.</summary>
        public int CutAt { get; init; }

        /// <summary>Whether the request still arrives, so that only its answer is lost.</summary>
        public bool Arrives { get; init; }

        public bool IsCut { get; private set; }

        public List<byte[]> Sent { get; } = [];

        public HttpMessageHandler Around(HttpMessageHandler inner) => new Handler(this, inner);

        private sealed class Handler(Line line, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                line.Sent.Add(Encoding.UTF8.GetBytes($"{request.RequestUri} {request.Headers}"));
                if (request.Content is { } content)
                {
                    await content.LoadIntoBufferAsync(cancellationToken);
                    line.Sent.Add(await content.ReadAsByteArrayAsync(cancellationToken));
                }

                if (!IsChange(request) || ++line._changes != line.CutAt)
                {
                    return await base.SendAsync(request, cancellationToken);
                }

                line.IsCut = true;
                if (line.Arrives)
                {
                    (await base.SendAsync(request, cancellationToken)).Dispose();
                }

                throw new HttpRequestException("the line broke");
            }
        }
    }

    /// <summary>Where so many wait for each other before the first change of any of them.</summary>
    private sealed class Meeting(int size)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _there;

        public HttpMessageHandler Before(HttpMessageHandler inner) => new Handler(this, inner);

        private sealed class Handler(Meeting meeting, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            private bool _hasMet;

            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (IsChange(request) && !_hasMet)
                {
                    _hasMet = true;
                    if (Interlocked.Increment(ref meeting._there) == meeting.Size)
                    {
                        meeting._all.SetResult();
                    }

                    await meeting._all.Task.WaitAsync(TimeSpan.FromMinutes(5), cancellationToken);
                }

                return await base.SendAsync(request, cancellationToken);
            }
        }

        private int Size => size;
    }
}
