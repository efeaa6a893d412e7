using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gtc.Deployers.Kubernetes.Tests.Identity;

/// <summary>
/// As much of an API server as identities need: objects by path, tokens that end with the Secret that they are bound to, and reviews that read the Role.
/// It writes down what it was asked.
/// </summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const string AdminToken = "admin-token-4711";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, string?> _tokens = new() { [AdminToken] = null };
    private readonly Lock _gate = new();
    private int _uid;

    private FakeCluster(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>Objects by path.</summary>
    public SortedDictionary<string, JsonObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Method, path and query of each request.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Every Authorization header that came.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>Answers instead of the server; null lets it answer.</summary>
    public Func<HttpRequest, (int Status, string Body)?> Instead { get; set; } = _ => null;

    /// <summary>Operations that reviews deny, <c>resource:verb</c>.</summary>
    public HashSet<string> Denied { get; } = [];

    /// <summary>Operations that are allowed besides the Role's, <c>group/resource:verb</c>; the core group is empty.</summary>
    public HashSet<string> AlsoAllowed { get; } = [];

    /// <summary>Whether it is older than SelfSubjectReview.</summary>
    public bool IsOld { get; set; }

    /// <summary>The most seconds that a token lives.</summary>
    public long LongestToken { get; set; } = long.MaxValue;

    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

    public static async Task<FakeCluster> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var cluster = new FakeCluster(application);
        application.Run(cluster.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        cluster.Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return cluster;
    }

    /// <summary>A kubeconfig whose contexts are <c>admin</c>, who may do everything, and <c>nobody</c>.</summary>
    public string Kubeconfig(string current = "admin") => $$"""
        apiVersion: v1
        kind: Config
        current-context: {{current}}
        clusters: [{name: fake, cluster: {server: "{{Address}}" } }]
        contexts: [{name: admin, context: {cluster: fake, user: admin} }, {name: nobody, context: {cluster: fake, user: nobody} }]
        users: [{name: admin, user: {token: {{AdminToken}} } }, {name: nobody, user: {token: wrong} }]
        """;

    /// <summary>A token that is known from now on.</summary>
    public string Token(DateTimeOffset issued, TimeSpan life, string? anchor = null, string? anchorName = null)
    {
        var token = Jwt(issued, life, anchorName);
        _tokens[token] = anchor;
        return token;
    }

    public static string Jwt(DateTimeOffset issued, TimeSpan life, string? secret = null) =>
        $"{Part("""{"alg":"none"}""")}.{Part(new JsonObject
        {
            ["iat"] = issued.ToUnixTimeSeconds(),
            ["exp"] = (issued + life).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = new JsonObject { ["secret"] = secret is null ? null : new JsonObject { ["name"] = secret } },
        }.ToJsonString())}.c2ln";

    public bool Knows(string token) => _tokens.TryGetValue(token, out var anchor) && (anchor is null || Objects.Values.Any(item => (string?)item["metadata"]!["uid"] == anchor));

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static (int, string) Status(int code, string message) =>
        (code, new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["message"] = message, ["code"] = code }.ToJsonString());

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        Asked.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        Authorizations.Enqueue(request.Headers.Authorization.ToString());
        (int Status, string Body) answer;
        lock (_gate)
        {
            answer = Instead(request) ?? (Knows(request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal))
                ? Answer(request, text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject())
                : Status(401, "Unauthorized"));
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }

    private (int, string) Answer(HttpRequest request, JsonObject? body)
    {
        var path = request.Path.Value!;
        return (request.Method, path) switch
        {
            ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") => Review(request, body!),
            ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews") => (201, new JsonObject { ["status"] = new JsonObject { ["resourceRules"] = Rules(), ["nonResourceRules"] = new JsonArray(), ["incomplete"] = false } }.ToJsonString()),
            ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews") => IsOld
                ? Status(403, "selfsubjectreviews.authentication.k8s.io is forbidden")
                : (201, """{"status":{"userInfo":{"username":"system:serviceaccount:gtc-local:greentic-deployer"}}}"""),
            ("POST", _) when path.EndsWith("/token", StringComparison.Ordinal) => Issue(body!),
            ("POST", _) => Put(path + "/" + (string?)body!["metadata"]!["generateName"] + (_uid + 1), body!),
            ("PATCH", _) => Put(path, body!),
            ("DELETE", _) => Objects.Remove(path) ? (200, "{}") : Status(404, $"{path} not found"),
            ("GET", _) when request.Query.ContainsKey("limit") => List(path, request.Query["labelSelector"].ToString()),
            ("GET", _) => Objects.TryGetValue(path, out var found) ? (200, found.ToJsonString()) : Status(404, $"{path} not found"),
            _ => Status(405, "not allowed"),
        };
    }

    private (int, string) Put(string path, JsonObject body)
    {
        var uid = Objects.TryGetValue(path, out var before) ? (string)before["metadata"]!["uid"]! : $"uid-{++_uid}";
        var item = body.DeepClone().AsObject();
        item["metadata"]!["uid"] = uid;
        item["metadata"]!["name"] = path[(path.LastIndexOf('/') + 1)..];
        Objects[path] = item;
        return (200, item.ToJsonString());
    }

    private (int, string) List(string path, string selector)
    {
        var wanted = selector.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).ToList();
        var items = Objects.Where(item => item.Key.StartsWith(path + "/", StringComparison.Ordinal) && wanted.All(label => (string?)item.Value["metadata"]?["labels"]?[label[0]] == label[1]));
        return (200, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "1" }, ["items"] = new JsonArray([.. items.Select(item => item.Value.DeepClone())]) }.ToJsonString());
    }

    private (int, string) Issue(JsonObject body)
    {
        var spec = body["spec"]!;
        var life = TimeSpan.FromSeconds(Math.Min((long)spec["expirationSeconds"]!, LongestToken));
        var token = Token(Now, life, (string?)spec["boundObjectRef"]?["uid"], (string?)spec["boundObjectRef"]?["name"]);
        return (201, new JsonObject { ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = (Now + life).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") } }.ToJsonString());
    }

    private JsonArray Rules()
    {
        var rules = Objects.Where(item => item.Key.Contains("/roles/", StringComparison.Ordinal)).SelectMany(item => item.Value["rules"]!.AsArray()).Select(rule => rule!.DeepClone());
        var more = AlsoAllowed.Select(extra => (JsonNode)new JsonObject
        {
            ["apiGroups"] = new JsonArray(extra[..extra.IndexOf('/', StringComparison.Ordinal)]),
            ["resources"] = new JsonArray(extra[(extra.IndexOf('/', StringComparison.Ordinal) + 1)..extra.IndexOf(':', StringComparison.Ordinal)]),
            ["verbs"] = new JsonArray(extra[(extra.IndexOf(':', StringComparison.Ordinal) + 1)..]),
        });
        return [.. rules, .. more];
    }

    private (int, string) Review(HttpRequest request, JsonObject body)
    {
        var asked = body["spec"]!["resourceAttributes"]!;
        var (group, resource, verb) = ((string?)asked["group"] ?? "", (string)asked["resource"]!, (string)asked["verb"]!);
        var isAllowed = !Denied.Contains($"{resource}:{verb}")
            && (request.Headers.Authorization == $"Bearer {AdminToken}" || Rules().Any(rule => Has(rule!, "apiGroups", group) && Has(rule!, "resources", resource) && Has(rule!, "verbs", verb)));
        return (201, new JsonObject { ["status"] = new JsonObject { ["allowed"] = isAllowed, ["reason"] = isAllowed ? "" : "no rule allows it" } }.ToJsonString());

        static bool Has(JsonNode rule, string member, string value) => rule[member]!.AsArray().Any(item => (string?)item is "*" || (string?)item == value);
    }
}
