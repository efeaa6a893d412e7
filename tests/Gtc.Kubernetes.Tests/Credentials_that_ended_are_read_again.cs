namespace Gtc.Kubernetes.Tests;

/// <summary>The server does not know the caller (401): once, it is looked whether there are other credentials meanwhile.</summary>
public sealed class Credentials_that_ended_are_read_again : IDisposable
{
    private static readonly KubeKind Namespaces = KubeKind.Of("v1", "Namespace")!;

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-kube-").FullName;
    private string _accepted = "old";
    private Action _beforeAnswer = () => { };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_file_that_was_replaced_meanwhile()
    {
        await using var api = await ApiAsync();
        Write("token", "old\n");
        using var client = api.Client(new KubeConfig { Server = api.Address, TokenFile = In("token") });
        (await AskAsync(client)).ShouldBeNull();

        // Replaced while the request is under way: what was shown is the old one.
        _accepted = "new";
        _beforeAnswer = () => Write("token", "new");
        (await AskAsync(client)).ShouldBeNull();
        Shown(api).ShouldBe(["old", "old", "new"]);
    }

    [Fact]
    public async Task A_program_is_asked_again_even_if_its_token_should_live_longer()
    {
        await using var api = await ApiAsync();
        Write("answer", """{"status":{"token":"old","expirationTimestamp":"2099-01-01T00:00:00Z"}}""");
        using var client = api.Client(new KubeConfig { Server = api.Address, Exec = new ExecCredential("/bin/cat", [In("answer")], [], "client.authentication.k8s.io/v1") });
        (await AskAsync(client)).ShouldBeNull();
        (await AskAsync(client)).ShouldBeNull();
        Ends(() => Write("answer", """{"status":{"token":"new","expirationTimestamp":"2099-01-01T00:00:00Z"}}"""));
        (await AskAsync(client)).ShouldBeNull();
        Shown(api).ShouldBe(["old", "old", "old", "new"]);
    }

    [Fact]
    public async Task A_kubeconfig_that_says_another_token_for_the_same_context()
    {
        await using var api = await ApiAsync();
        using var client = api.Client(Configured(api, "old"));
        (await AskAsync(client)).ShouldBeNull();
        Ends(() => Configured(api, "new", current: "elsewhere"));
        (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AskAsync(client)))).ShouldAllBe(error => error == null);
        Shown(api).Count(token => token == "new").ShouldBe(5);
        Shown(api).ShouldNotContain("elsewhere");
    }

    [Fact]
    public async Task A_watch_too()
    {
        await using var api = await ApiAsync();
        Write("token", "old");
        using var client = api.Client(new KubeConfig { Server = api.Address, TokenFile = In("token") });
        // Replaced while the request is under way: what was shown is the old one.
        _accepted = "new";
        _beforeAnswer = () => Write("token", "new");
        var seen = new List<WatchEvent>();
        await foreach (var happened in client.WatchAsync(new KubeScope(Namespaces), "1", Token))
        {
            seen.Add(happened);
        }

        seen.ShouldBeEmpty();
        Shown(api).ShouldBe(["old", "new"]);
    }

    [Fact]
    public async Task When_nothing_else_is_there_the_refusal_says_so_after_one_call()
    {
        await using var api = await ApiAsync();
        _accepted = "other";
        Write("token", "old");
        foreach (var config in new[]
        {
            new KubeConfig { Server = api.Address },
            new KubeConfig { Server = api.Address, Token = "old" },
            new KubeConfig { Server = api.Address, TokenFile = In("token") },
            Configured(api, "old"),
        })
        {
            using var client = api.Client(config);
            api.Asked.Clear();
            var error = (await AskAsync(client)).ShouldNotBeNull();
            (error.Kind, error.Status).ShouldBe((KubeErrorKind.Forbidden, 401));
            error.Message.ShouldBe("the API server does not know the caller; the credentials have expired or were withdrawn, and there are no newer ones: Unauthorized (status 401)");
            api.Asked.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task New_ones_that_are_refused_too_are_not_tried_over_and_over()
    {
        await using var api = await ApiAsync();
        using var client = api.Client(Configured(api, "old"));
        _accepted = "third";
        Configured(api, "new");
        (await AskAsync(client)).ShouldNotBeNull().Status.ShouldBe(401);
        Shown(api).ShouldBe(["old", "new"]);
    }

    [Fact]
    public async Task Another_server_is_another_cluster_and_is_not_gone_to()
    {
        await using var api = await ApiAsync();
        await using var other = await ScriptedApi.StartAsync((_, _) => (200, "{}"));
        using var client = api.Client(Configured(api, "old"));
        Ends(() => Configured(other, "new"));
        (await AskAsync(client)).ShouldNotBeNull().Status.ShouldBe(401);
        other.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bound_token_never_falls_back_to_what_the_kubeconfig_says()
    {
        await using var api = await ApiAsync();
        using var client = api.Client(Configured(api, "old").As("bound"));
        (await AskAsync(client)).ShouldNotBeNull().Status.ShouldBe(401);
        Shown(api).ShouldBe(["bound"]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<KubeError?> AskAsync(KubeClient client)
    {
        var answer = await client.GetAsync(Namespaces, null, "a", Token);
        answer.Value?.Dispose();
        return answer.Error;
    }

    private static IEnumerable<string> Shown(ScriptedApi api) => api.Asked.Select(line => line[(line.LastIndexOf(' ') + 1)..]);

    private Task<ScriptedApi> ApiAsync() => ScriptedApi.StartAsync((request, _) =>
    {
        _beforeAnswer();
        return request.Headers["Authorization"] == $"Bearer {_accepted}" ? (200, request.Query.ContainsKey("watch") ? "" : "{}") : (401, """{"kind":"Status","message":"Unauthorized"}""");
    });

    private void Ends(Action replace)
    {
        _accepted = "new";
        replace();
    }

    private string In(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);

    private KubeConfig Configured(ScriptedApi api, string token, string current = "here")
    {
        Write("config", $$"""
            current-context: {{current}}
            contexts:
            - {name: here, context: {cluster: c, user: u} }
            - {name: elsewhere, context: {cluster: c, user: v} }
            clusters:
            - {name: c, cluster: {server: "{{api.Address}}"} }
            users:
            - {name: u, user: {token: {{token}}} }
            - {name: v, user: {token: elsewhere} }
            """);
        return KubeConfig.Find(null, name => name == "KUBECONFIG" ? In("config") : null).Value!;
    }
}
