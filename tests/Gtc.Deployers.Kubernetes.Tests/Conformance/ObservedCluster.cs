using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Deployers.Kubernetes.Tests.Conformance;

/// <summary>The cluster in this process as the conformance suite sees it.</summary>
internal sealed class ObservedCluster : IObservedProvider
{
    /// <summary>The token of who may do everything.</summary>
    public const string Allowed = "allowed";

    private readonly FakeCluster _cluster;
    private readonly ConcurrentDictionary<string, EnvId> _namespaces = new(StringComparer.Ordinal);
    private int _failIn;

    public ObservedCluster(FakeCluster cluster)
    {
        _cluster = cluster;
        cluster.Before = FailAsync;
    }

    public ImmutableArray<ProviderCall> Calls => [.. _cluster.Asked.Select(line => new ProviderCall(line, !line.StartsWith("GET ", StringComparison.Ordinal) && !line.Contains("/selfsubject", StringComparison.Ordinal)))];

    public bool IsReady
    {
        get => _cluster.RunsPods;
        set
        {
            _cluster.RunsPods = value;
            _cluster.RunAll();
        }
    }

    public void Place(string name, EnvId environment) => _namespaces[name] = environment;

    public void ForgetCalls() => _cluster.Asked.Clear();

    public void FailCall(int number) => Interlocked.Exchange(ref _failIn, number);

    public Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ProviderObject>>(
    [
        .. from path in _cluster.Paths
           let home = NamespaceOf(path)
           where _namespaces.ContainsKey(home)
           select new ProviderObject(path, Content(_cluster.Find(path).Shown())) { Environment = _namespaces[home], Revision = RevisionOf(path), HoldsSecrets = path.Contains("/secrets/", StringComparison.Ordinal) },
    ]);

    public Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) => Task.FromResult(_cluster.Paths
        .Where(path => path.Contains("/deployments/", StringComparison.Ordinal) && RevisionOf(path) == revision && _namespaces.GetValueOrDefault(NamespaceOf(path)) == environment.EnvironmentId)
        .Any(path => _cluster.Find(path).Value["status"]?["availableReplicas"]?.GetValue<int>() > 0));

    public Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken)
    {
        var home = NamespaceName.Of(environment.EnvironmentId);
        var written = _cluster.Find($"/api/v1/namespaces/{home}/configmaps/gtc-runtime-config").Value["data"]!["runtime-config.json"]!.GetValue<string>();
        Documents.RuntimeConfig.Parse(System.Text.Encoding.UTF8.GetBytes(written)).TryGet(out var config, out var refusal).ShouldBeTrue(refusal?.Message);
        return Task.FromResult<ImmutableArray<TrafficShare>>(
            [.. config!.Revisions.Where(block => block.DeploymentId == deployment).Select(block => new TrafficShare { RevisionId = block.RevisionId, WeightBps = block.WeightBps })]);
    }

    public string? FindNameFault(string name) => name.Split('/').Skip(3).Where(part => part.Length > 0).FirstOrDefault(part => part.Length > 63 || part[0] == '-' || part[^1] == '-' || !part.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.')) is { } wrong
        ? $"`{wrong}` is no DNS label"
        : null;

    private static string NamespaceOf(string path) => path.Split('/') is var parts && Array.IndexOf(parts, "namespaces") is var at and > 0 && at + 1 < parts.Length ? parts[at + 1] : "";

    private static RevisionId? RevisionOf(string path) =>
        path.Split('/')[^1] is var name && name.StartsWith("gtc-worker-", StringComparison.Ordinal) && RevisionId.TryParse(name["gtc-worker-".Length..], out var id) ? id : null;

    /// <summary>All but what the server counts by itself.</summary>
    private static string Content(JsonObject shown)
    {
        var metadata = shown["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        metadata.Remove("generation");
        metadata.Remove("managedFields");
        shown.Remove("status");
        return shown.ToJsonString();
    }

    private async Task<bool> FailAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.Contains("/selfsubject", StringComparison.Ordinal))
        {
            await ReviewAsync(context);
            return true;
        }

        if (Volatile.Read(ref _failIn) == 0 || Interlocked.Decrement(ref _failIn) != 0)
        {
            return false;
        }

        context.Response.StatusCode = 500;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize("etcd was away"), context.RequestAborted);
        return true;
    }

    /// <summary>Who the caller is and what it may do: everything with one token, nothing with any other.</summary>
    private static Task ReviewAsync(HttpContext context)
    {
        var isAllowed = context.Request.Headers.Authorization == $"Bearer {Allowed}";
        context.Response.StatusCode = 201;
        context.Response.ContentType = "application/json";
        var rule = isAllowed ? new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }) : [];
        var status = new JsonObject { ["allowed"] = isAllowed, ["userInfo"] = new JsonObject { ["username"] = "somebody" }, ["resourceRules"] = rule, ["nonResourceRules"] = new JsonArray(), ["incomplete"] = false };
        return context.Response.WriteAsync(new JsonObject { ["status"] = status }.ToJsonString(), context.RequestAborted);
    }
}
