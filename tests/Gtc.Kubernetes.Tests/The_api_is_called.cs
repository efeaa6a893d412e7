using System.Net.Sockets;
using System.Text.Json;

namespace Gtc.Kubernetes.Tests;

public class The_api_is_called
{
    private static readonly KubeKind Deployments = KubeKind.Of("apps/v1", "Deployment")!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_is_one_patch_of_the_objects_own_path()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, """{"metadata":{"resourceVersion":"7"}}"""));
        using var client = api.Client(new KubeConfig { Server = api.Address, Token = "secret-token" });
        var item = Json("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"n"},"spec":{}}""");
        var applied = await client.ApplyAsync(item, "gtc", isForced: true, isDryRun: true, Token);
        applied.Error.ShouldBeNull();
        api.Asked.Single().ShouldBe("PATCH /apis/apps/v1/namespaces/n/deployments/a?fieldManager=gtc&force=true&dryRun=All application/apply-patch+yaml Bearer secret-token "
            + """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"n"},"spec":{}}""");
    }

    [Fact]
    public async Task A_status_patch_that_is_bytes_is_sent_as_it_is_and_the_metadata_come_back()
    {
        await using var api = await ScriptedApi.StartAsync((_, number) => number == 0 ? (200, """{"metadata":{"resourceVersion":"7"}}""") : (404, """{"message":"it is gone"}"""));
        using var client = api.Client();
        using var metadata = (await client.MergeStatusAsync(Deployments, "n", "a", """{"status": {"replicas":1}}"""u8.ToArray(), "me", Token)).Value!;
        metadata.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString().ShouldBe("7");
        (await client.MergeStatusAsync(Deployments, "n", "a", "{}"u8.ToArray(), "me", Token)).Error!.Kind.ShouldBe(KubeErrorKind.NotFound);
        api.Asked.First().ShouldBe("""PATCH /apis/apps/v1/namespaces/n/deployments/a/status?fieldManager=me application/merge-patch+json  {"status": {"replicas":1}}""");
    }

    [Theory]
    [Trait("fact", "k8s-deployer:17.23")]
    [InlineData("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","namespace":"n"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Secret","metadata":{"namespace":"n"}}""")]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a","namespace":"n"}}""")]
    [InlineData("""[]""")]
    public async Task What_has_no_known_path_is_never_sent(string item)
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, "{}"));
        using var client = api.Client();
        (await client.ApplyAsync(Json(item), "gtc", false, false, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Unsupported);
        api.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(403, KubeErrorKind.Forbidden)]
    [InlineData(404, KubeErrorKind.NotFound)]
    [InlineData(409, KubeErrorKind.Conflict)]
    [InlineData(410, KubeErrorKind.Gone)]
    [InlineData(422, KubeErrorKind.Invalid)]
    [InlineData(500, KubeErrorKind.Unavailable)]
    public async Task Errors_say_what_the_server_says(int status, KubeErrorKind expected)
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (status, """{"kind":"Status","message":"because of this"}"""));
        using var client = api.Client();
        var error = (await client.GetAsync(Deployments, "n", "a", Token)).Error!;
        error.Kind.ShouldBe(expected);
        error.Message.ShouldBe($"because of this (status {status})");
        api.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_busy_server_is_waited_out()
    {
        await using var api = await ScriptedApi.StartAsync((_, number) => number < 2 ? (429, "{}") : (200, "{}"), retryAfter: 0);
        using var client = api.Client();
        (await client.GetAsync(Deployments, "n", "a", Token)).Error.ShouldBeNull();
        api.Asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (503, "not json"), retryAfter: 0);
        using var client = api.Client();
        (await client.GetAsync(Deployments, "n", "a", Token)).Error!.Status.ShouldBe(503);
        api.Asked.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_server_that_fails_or_is_away_is_waited_for_when_that_is_asked()
    {
        await using var api = await ScriptedApi.StartAsync((_, number) => number < 2 ? (500, "{}") : (200, "{}"));
        using var client = new KubeClient(new KubeConfig { Server = api.Address }, TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = TimeSpan.FromSeconds(20) };
        (await client.GetAsync(Deployments, "n", "a", Token)).Error.ShouldBeNull();
        api.Asked.Count.ShouldBe(3);
        (await client.PostAsync("/apis/x/v1/reviews", Json("{}"), Token)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_never_answered_is_not_waited_for()
    {
        using var nobody = new KubeClient(new KubeConfig { Server = new Uri("http://127.0.0.1:1") }, TimeSpan.FromSeconds(5), TimeProvider.System) { Patience = TimeSpan.FromHours(1) };
        (await nobody.GetAsync(Deployments, "n", "a", Token)).Error!.Kind.ShouldBe(KubeErrorKind.Unavailable);
        var config = new KubeConfig { Server = new Uri("http://127.0.0.1:1"), TokenFile = "/nonexistent/token" };
        using var nameless = new KubeClient(config, TimeSpan.FromSeconds(5), TimeProvider.System);
        (await nameless.GetAsync(Deployments, "n", "a", Token)).Error!.Message.ShouldStartWith("no cluster access: the token cannot be read");
    }

    [Fact]
    public async Task A_question_is_asked_once_only_since_it_may_have_been_heard()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (500, "{}"));
        using var client = new KubeClient(new KubeConfig { Server = api.Address }, TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = TimeSpan.FromSeconds(20) };
        (await client.PostAsync("/apis/x/v1/reviews", Json("{}"), Token)).Error!.Status.ShouldBe(500);
        api.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_versions_of_a_group_are_told_and_an_unknown_one_has_none()
    {
        await using var api = await ScriptedApi.StartAsync((request, _) => request.Path == "/apis/policy"
            ? (200, """{"versions":[{"groupVersion":"policy/v1"},{"groupVersion":"policy/v1beta1"}]}""")
            : (404, "{}"));
        using var client = api.Client();
        (await client.VersionsAsync("policy", Token)).Value.ShouldBe(["policy/v1", "policy/v1beta1"]);
        (await client.VersionsAsync("nobody", Token)).Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_there_and_nonsense_are_errors_and_not_exceptions()
    {
        using var nobody = new KubeClient(new KubeConfig { Server = new Uri("http://127.0.0.1:1") }, TimeSpan.FromSeconds(5), TimeProvider.System);
        (await nobody.GetAsync(Deployments, "n", "a", Token)).Error!.Kind.ShouldBe(KubeErrorKind.Unavailable);
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, "<html>"));
        using var client = api.Client();
        (await client.GetAsync(Deployments, "n", "a", Token)).Error!.Kind.ShouldBe(KubeErrorKind.Unavailable);
    }

    [Fact]
    public async Task A_connection_that_is_reset_before_its_use_is_a_server_that_is_away()
    {
        var config = new KubeConfig { Server = new Uri("http://127.0.0.1:1"), Around = _ => new ResetTransport() };
        using var client = new KubeClient(config, TimeSpan.FromSeconds(5), TimeProvider.System);
        (await client.GetAsync(Deployments, "n", "a", Token)).Error!.Kind.ShouldBe(KubeErrorKind.Unavailable);
        await foreach (var change in new ResumingWatch(client, new KubeScope(Deployments), TimeProvider.System, static () => 0).RunAsync(Token))
        {
            if (change is WatchChange.Interrupted interrupted)
            {
                interrupted.Error.Kind.ShouldBe(KubeErrorKind.Unavailable);
                break;
            }
        }
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        await using var api = await ScriptedApi.StartAsync((request, _) => !request.Query.ContainsKey("continue")
            ? (200, """{"metadata":{"resourceVersion":"5","continue":"more of it"},"items":[{"metadata":{"name":"a"}}]}""")
            : (200, """{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"b"}}]}"""));
        using var client = api.Client();
        var list = await client.ListAsync(Deployments, "n", "a=b", Token);
        list.Value!.Items.Select(item => item.GetProperty("metadata").GetProperty("name").GetString()).ShouldBe(["a", "b"]);
        list.Value.ResourceVersion.ShouldBe("5");
        api.Asked.Last().ShouldBe("GET /apis/apps/v1/namespaces/n/deployments?limit=500&labelSelector=a%3Db&continue=more%20of%20it");
    }

    [Fact]
    public async Task A_watch_tells_what_happens_and_why_it_ends()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, string.Join('\n',
            """{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"6"}}}""",
            """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}""",
            """{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}""",
            """{"type":"ADDED","object":{"metadata":{"name":"never","resourceVersion":"10"}}}""")));
        using var client = api.Client();
        var seen = new List<WatchEvent>();
        await foreach (var happened in client.WatchAsync(new KubeScope(Deployments) { Namespace = "n" }, "5", Token))
        {
            seen.Add(happened);
        }

        seen.Select(happened => happened.Kind).ShouldBe([WatchEventKind.Added, WatchEventKind.Bookmark, WatchEventKind.Failed]);
        seen.Take(2).Select(happened => happened.ResourceVersion).ShouldBe(["6", "9"]);
        seen[2].Error!.Kind.ShouldBe(KubeErrorKind.Gone);
    }

    [Fact]
    public async Task A_delete_can_be_of_one_object_and_no_later_one()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (200, "{}"));
        using var client = api.Client();
        await client.DeleteAsync(Deployments, "n", "a", "uid-1", Token);
        api.Asked.Single().ShouldContain("\"preconditions\":{\"uid\":\"uid-1\"}");
    }

    [Fact]
    public void Unknown_members_of_an_object_are_kept()
    {
        const string Text = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[{"manager":"x"}]},"data":{"k":"v"},"immutable":true}""";
        var read = JsonSerializer.Deserialize(Text, KubeJson.Default.ConfigMap)!;
        KubeJson.ToElement(read).GetRawText().ShouldBe(Text);
    }

    /// <summary>HttpClient throws the socket's own exception when the server is gone between the end of the handshake and the first byte.</summary>
    private sealed class ResetTransport : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new SocketException((int)SocketError.NotConnected);
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
