using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Fleet.Tests.Reconciling;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Deployers.Fleet.Tests.Conformance;

/// <summary>A fleet on a real API server as the conformance suite sees it.</summary>
internal sealed class ObservedFleet : IObservedProvider
{
    private readonly RecordingProxy _proxy;
    private readonly SimulatedFleet _fleet;
    private readonly ConcurrentDictionary<string, EnvId> _namespaces = new(StringComparer.Ordinal);
    private int _failIn;

    public ObservedFleet(RecordingProxy proxy, SimulatedFleet fleet)
    {
        (_proxy, _fleet) = (proxy, fleet);
        proxy.Before = FailAsync;
    }

    public ImmutableArray<ProviderCall> Calls => [.. _proxy.Asked.Select(line => new ProviderCall(line, !line.StartsWith("GET ", StringComparison.Ordinal)))];

    public IEnumerable<string> Namespaces => _namespaces.Keys;

    public bool IsReady
    {
        get => _fleet.IsReady;
        set => _fleet.IsReady = value;
    }

    public void Place(EnvId environment) => _namespaces[NamespaceName.Of(environment.ToString(), FleetNames.NamespacePrefix)] = environment;

    public void ForgetCalls() => _proxy.Asked.Clear();

    public void FailCall(int number) => Interlocked.Exchange(ref _failIn, number);

    public async Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken)
    {
        var objects = ImmutableArray.CreateBuilder<ProviderObject>();
        foreach (var (ns, environment) in _namespaces)
        {
            objects.AddRange((await _fleet.DeploymentsAsync(ns)).Select(found => new ProviderObject(
                $"{ns}/{found.Metadata.Name}",
                $"{string.Join(',', found.Metadata.Labels!)} {found.ToElement().GetProperty("spec").GetRawText()}") { Environment = environment, Revision = RevisionOf(found) }));
        }

        return objects.ToImmutable();
    }

    public async Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        (await OfAsync(environment)).Any(found => RevisionOf(found) == revision && found.Status?.Aggregate is { MatchedDeviceCount: > 0 } now && now.Succeeded == now.MatchedDeviceCount);

    public async Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken)
    {
        var devices = (await _fleet.DevicesAsync()).Length;
        var claims = await _fleet.ClaimsAsync(NamespaceOf(environment));
        return
        [
            .. from claimed in claims
               from found in claimed
               where found.Metadata.Labels!["greentic.ai/deployment"] == deployment.ToString()
               group found by RevisionOf(found)!.Value into revision
               orderby revision.Key.Value
               select new TrafficShare { RevisionId = revision.Key, WeightBps = (uint)(revision.Count() * (int)TrafficSplit.Whole / devices) },
        ];
    }

    public string? FindNameFault(string name) => FleetName.IsValid(name.Split('/')[1]) && FleetName.IsValid(name.Split('/')[0]) ? null : "it is no DNS label";

    private static RevisionId? RevisionOf(FleetDeployment found) => RevisionId.TryParse(found.Metadata.Labels!["greentic.ai/revision"], out var id) ? id : null;

    private static string NamespaceOf(EnvironmentDocument environment) => NamespaceName.Of(environment.EnvironmentId.ToString(), FleetNames.NamespacePrefix);

    private Task<ImmutableArray<FleetDeployment>> OfAsync(EnvironmentDocument environment) => _fleet.DeploymentsAsync(NamespaceOf(environment));

    private async Task<bool> FailAsync(HttpContext context)
    {
        if (Volatile.Read(ref _failIn) == 0 || Interlocked.Decrement(ref _failIn) != 0)
        {
            return false;
        }

        context.Response.StatusCode = 500;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize("etcd was away"), context.RequestAborted);
        return true;
    }
}
