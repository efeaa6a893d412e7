using System.Net;
using System.Text;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Microsoft.AspNetCore.Http;

namespace Gtc.Cli.Tests.Op.Clusters;

/// <summary>A command line with a cluster of its own, and an environment that routes traffic and is to be brought there.</summary>
internal sealed class ClusterBench : IAsyncDisposable
{
    public const string Kind = "greentic.deployer.k8s@1.0.0";
    public const string Home = "/api/v1/namespaces/gtc-local";

    private ClusterBench(FakeCluster cluster) => Cluster = cluster;

    public TestCli Cli { get; } = new();

    public FakeCluster Cluster { get; }

    public static async Task<ClusterBench> OpenAsync()
    {
        var bench = new ClusterBench(await FakeCluster.StartAsync());
        bench.Cli.SetVariable("KUBECONFIG", bench.Cli.Write("kubeconfig", $$"""
            {"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c","user":"u"} }],
             "clusters":[{"name":"c","cluster":{"server":"{{bench.Cluster.Address}}"} }],"users":[{"name":"u","user":{"token":"ambient-token"} }]}
            """));
        return bench;
    }

    /// <summary>Binds the cluster and routes traffic to one revision.</summary>
    public async Task<string> RoutedAsync()
    {
        await Staged.DeploymentAsync(Cli);
        await Cli.OpAsync($"env-packs add slot=deployer kind={Kind} pack_ref=builtin");
        var revision = await Staged.ReadyAsync(Cli);
        await Cli.OpAsync("traffic set");
        return revision;
    }

    /// <summary>From now on the cluster refuses some requests.</summary>
    public void Refuse(string method, string part) => Cluster.Before = async context =>
    {
        if (context.Request.Method != method || !context.Request.Path.Value!.Contains(part, StringComparison.Ordinal))
        {
            return false;
        }

        context.Response.StatusCode = 403;
        await context.Response.WriteAsync("""{"kind":"Status","code":403,"message":"not today"}""", context.RequestAborted);
        return true;
    };

    /// <summary>From now on the store server answers some requests with a status.</summary>
    public void Answer(HttpMethod method, string end, HttpStatusCode status) => Cli.Wire = inner => new Instead(method, end, status, inner);

    /// <summary>From now on the store server is asked with a token.</summary>
    public void Speak(string token) => Cli.Wire = inner => new Bearing(token, inner);

    /// <summary>Somebody else says what was discovered, just before this one does.</summary>
    public void PutFirst(string body) => Cli.Wire = inner => new Overtaken(body, inner);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Cli.Dispose();
    }

    private sealed class Instead(HttpMethod method, string end, HttpStatusCode status, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == method && request.RequestUri!.AbsolutePath.EndsWith(end, StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(status))
                : base.SendAsync(request, cancellationToken);
    }

    private sealed class Bearing(string token, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Overtaken(string body, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private string? _body = body;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.EndsWith("/runtime", StringComparison.Ordinal) && Interlocked.Exchange(ref _body, null) is { } theirs)
            {
                using var other = new HttpRequestMessage(HttpMethod.Put, request.RequestUri) { Content = new StringContent(theirs, Encoding.UTF8, "application/json") };
                other.Headers.Add("Idempotency-Key", "theirs");
                (await base.SendAsync(other, cancellationToken)).EnsureSuccessStatusCode();
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
