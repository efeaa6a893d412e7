using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>An API server in this process: it keeps objects as a real one does, and writes down what it was asked.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, FakeObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(int Version, string Type, string Path, JsonObject Item)> _happened = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _server = null!;
    private int _version = 100;

    public Uri Address { get; private set; } = null!;

    /// <summary>Every request: method and path with query.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public IEnumerable<string> Writes => Asked.Where(line => !line.StartsWith("GET ", StringComparison.Ordinal));

    /// <summary>The versions of budgets that it knows.</summary>
    public string[] PolicyVersions { get; set; } = ["v1", "v1beta1"];

    /// <summary>Whether Deployments get ready by themselves.</summary>
    public bool RunsPods { get; set; } = true;

    /// <summary>Called before a request is answered; true when it answered itself.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    public IEnumerable<string> Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Keys];
            }
        }
    }

    public static async Task<FakeCluster> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var cluster = new FakeCluster { _server = builder.Build() };
        cluster._server.Run(cluster.HandleAsync);
        await cluster._server.StartAsync(TestContext.Current.CancellationToken);
        cluster.Address = new Uri(cluster._server.Urls.First());
        return cluster;
    }

    public KubeClient Client(string? token = null, TimeSpan? patience = null) =>
        new(new KubeConfig { Server = Address, Token = token }, TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = patience ?? TimeSpan.Zero };

    public FakeObject Find(string path)
    {
        lock (_lock)
        {
            return _objects[path];
        }
    }

    public void Put(string path, string json)
    {
        lock (_lock)
        {
            var value = JsonNode.Parse(json)!.AsObject();
            (value["metadata"] ??= new JsonObject())["uid"] = $"uid-{++_version}";
            _objects[path] = new FakeObject { Value = value };
            Happen("ADDED", path, value);
        }
    }

    /// <summary>What the controllers do when they come back: they see to every Deployment.</summary>
    public void RunAll()
    {
        lock (_lock)
        {
            foreach (var (path, found) in _objects)
            {
                Run(found.Value);
                Happen("MODIFIED", path, found.Shown());
            }
        }
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static Task FailAsync(HttpContext context, int status, string message) =>
        AnswerAsync(context, status, new JsonObject { ["kind"] = "Status", ["code"] = status, ["message"] = message });

    private static bool IsItem(string path) => path.Split('/') is [_, "api", _, "namespaces", _] or [_, "api", _, "namespaces", _, _, _] or [_, "apis", _, _, "namespaces", _, _, _];

    private static bool Matches(JsonObject item, string selector) => selector.Length == 0 || selector.Split(',').All(part =>
        part.Split('=') is [var key, var value] && item["metadata"]?["labels"]?[key]?.GetValue<string>() == value);

    private async Task HandleAsync(HttpContext context)
    {
        Asked.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (await Before(context))
        {
            return;
        }

        var path = context.Request.Path.Value!;
        if (path == "/apis/policy")
        {
            await AnswerAsync(context, 200, new JsonObject { ["versions"] = new JsonArray([.. PolicyVersions.Select(version => (JsonNode)new JsonObject { ["groupVersion"] = $"policy/{version}" })]) });
            return;
        }

        if (context.Request.Query["watch"] == "true")
        {
            await WatchAsync(context, path);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var (status, answer) = Answer(context.Request, path, body);
        await (status < 300 ? AnswerAsync(context, status, answer) : FailAsync(context, status, answer["message"]!.GetValue<string>()));
    }

    /// <summary>Tells what happens to a collection from a version on, until the client goes.</summary>
    private async Task WatchAsync(HttpContext context, string path)
    {
        var seen = int.Parse(context.Request.Query["resourceVersion"].ToString(), System.Globalization.CultureInfo.InvariantCulture);
        var selector = context.Request.Query["labelSelector"].ToString();
        await context.Response.StartAsync(context.RequestAborted);
        while (true)
        {
            Task news;
            List<JsonObject> lines;
            lock (_lock)
            {
                news = _news.Task;
                lines = [.. _happened.Where(one => one.Version > seen && one.Path.StartsWith($"{path}/", StringComparison.Ordinal) && IsItem(one.Path) && Matches(one.Item, selector))
                    .Select(one => new JsonObject { ["type"] = one.Type, ["object"] = one.Item.DeepClone() })];
                seen = _version;
            }

            foreach (var line in lines)
            {
                await context.Response.WriteAsync($"{line.ToJsonString()}\n", context.RequestAborted);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            await news.WaitAsync(context.RequestAborted);
        }
    }

    private void Happen(string type, string path, JsonObject item)
    {
        var shown = item.DeepClone().AsObject();
        shown["metadata"]!["resourceVersion"] = $"{++_version}";
        _happened.Add((_version, type, path, shown));
        var told = _news;
        _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        told.SetResult();
    }

    private (int Status, JsonObject Answer) Answer(HttpRequest request, string path, string body)
    {
        lock (_lock)
        {
            return request.Method switch
            {
                "GET" when IsItem(path) => _objects.TryGetValue(path, out var found) ? (200, found.Shown()) : Missing(path),
                "GET" => (200, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" },
                    ["items"] = new JsonArray([.. _objects.Where(pair => pair.Key.StartsWith($"{path}/", StringComparison.Ordinal) && IsItem(pair.Key))
                        .Select(pair => (JsonNode)pair.Value.Shown()).Where(item => Matches(item.AsObject(), request.Query["labelSelector"].ToString()))]),
                }),
                "PATCH" when request.ContentType == "application/apply-patch+yaml" => Apply(request, path, JsonNode.Parse(body)!.AsObject()),
                "PATCH" => Merge(path, JsonNode.Parse(body)!.AsObject()),
                "DELETE" => Delete(path, body),
                _ => (405, new JsonObject { ["message"] = "method not allowed" }),
            };
        }
    }

    private static (int Status, JsonObject Answer) Missing(string path) => (404, new JsonObject { ["message"] = $"{path} not found" });

    private (int Status, JsonObject Answer) Apply(HttpRequest request, string path, JsonObject wanted)
    {
        var home = wanted["metadata"]!["namespace"] is { } ns ? $"/api/v1/namespaces/{ns}" : null;
        if (home is not null && !_objects.ContainsKey(home))
        {
            return (404, new JsonObject { ["message"] = $"namespaces {home.Split('/')[^1]} not found" });
        }

        var isNew = !_objects.TryGetValue(path, out var present);
        if (request.Query["dryRun"] == "All")
        {
            return (isNew ? 201 : 200, isNew ? wanted : present!.Shown());
        }

        present ??= Made(wanted);
        var before = present.Shown().ToJsonString();
        var spec = present.Value["spec"]?.ToJsonString();
        if (present.Apply(wanted, request.Query["fieldManager"].ToString(), request.Query["force"] == "true") is { Count: > 0 } conflicts)
        {
            return (409, new JsonObject { ["message"] = $"Apply failed with {conflicts.Count} conflict: conflict with \"{conflicts[0]}\"" });
        }

        _objects[path] = present;
        if (isNew || present.Shown().ToJsonString() != before)
        {
            var metadata = present.Value["metadata"]!;
            metadata["resourceVersion"] = $"{++_version}";
            if (present.Value["spec"]?.ToJsonString() != spec)
            {
                metadata["generation"] = (metadata["generation"]?.GetValue<long>() ?? 0) + 1;
            }

            Run(present.Value);
            Happen(isNew ? "ADDED" : "MODIFIED", path, present.Shown());
        }

        return (isNew ? 201 : 200, present.Shown());
    }

    private FakeObject Made(JsonObject wanted) => new()
    {
        Value = new JsonObject
        {
            ["apiVersion"] = wanted["apiVersion"]!.DeepClone(),
            ["kind"] = wanted["kind"]!.DeepClone(),
            ["metadata"] = new JsonObject
            {
                ["name"] = wanted["metadata"]!["name"]!.DeepClone(),
                ["namespace"] = wanted["metadata"]!["namespace"]?.DeepClone(),
                ["uid"] = $"uid-{++_version}",
                ["creationTimestamp"] = "2026-11-20T14:02:03Z",
            },
        },
    };

    /// <summary>What the controllers do.</summary>
    private void Run(JsonObject item)
    {
        if (!RunsPods || item["kind"]!.GetValue<string>() != "Deployment")
        {
            return;
        }

        var replicas = item["spec"]!["replicas"]?.GetValue<int>() ?? 1;
        item["status"] = new JsonObject
        {
            ["observedGeneration"] = item["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = replicas,
            ["updatedReplicas"] = replicas,
            ["availableReplicas"] = replicas,
        };
    }

    private (int Status, JsonObject Answer) Merge(string path, JsonObject change)
    {
        if (!_objects.TryGetValue(path, out var present))
        {
            return Missing(path);
        }

        Merge(present.Value, change);
        Happen("MODIFIED", path, present.Shown());
        return (200, present.Shown());
    }

    private static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonObject inner)
            {
                Merge((into[name] ??= new JsonObject()).AsObject(), inner);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private (int Status, JsonObject Answer) Delete(string path, string body)
    {
        if (!_objects.TryGetValue(path, out var present))
        {
            return Missing(path);
        }

        var uid = body.Length == 0 ? null : JsonNode.Parse(body)!["preconditions"]?["uid"]?.GetValue<string>();
        if (uid is not null && uid != present.Value["metadata"]!["uid"]!.GetValue<string>())
        {
            return (409, new JsonObject { ["message"] = "the UID in the precondition does not match" });
        }

        _objects.Remove(path);
        Happen("DELETED", path, present.Shown());
        foreach (var below in _objects.Keys.Where(key => key.StartsWith($"{path}/", StringComparison.Ordinal) || key.Contains($"/namespaces/{path.Split('/')[^1]}/", StringComparison.Ordinal) && path.Split('/').Length == 5).ToList())
        {
            _objects.Remove(below);
        }

        return (200, new JsonObject { ["kind"] = "Status", ["status"] = "Success" });
    }
}
