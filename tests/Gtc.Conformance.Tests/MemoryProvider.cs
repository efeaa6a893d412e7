using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Conformance.Tests;

/// <summary>A provider in memory: objects, routes, a call log, faults. Names have at most 300 characters.</summary>
internal sealed class MemoryProvider : IObservedProvider
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProviderObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<(EnvId, DeploymentId), ImmutableArray<TrafficShare>> _routes = [];
    private readonly List<ProviderCall> _calls = [];
    private int _failIn;

    public ImmutableArray<ProviderCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public bool IsReady { get; set; } = true;

    public void ForgetCalls()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }

    public void FailCall(int number) => _failIn = number;

    public Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(_objects.Values.ToImmutableArray());
        }
    }

    public Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(IsReady && _objects.Values.Any(found => found.Environment == environment.EnvironmentId && found.Revision == revision));
        }
    }

    public Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(_routes.GetValueOrDefault((environment.EnvironmentId, deployment), []));
        }
    }

    public string? FindNameFault(string name) => name.Length > 300 ? "longer than 300 characters" : name.Any(char.IsAsciiLetterUpper) ? "upper case" : null;

    public ImmutableArray<ProviderObject> List()
    {
        lock (_gate)
        {
            Count("list", mutates: false);
            return [.. _objects.Values];
        }
    }

    public void Put(ProviderObject wanted)
    {
        lock (_gate)
        {
            Count($"put {wanted.Name}", mutates: true);
            _objects[wanted.Name] = wanted;
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            Count($"remove {name}", mutates: true);
            _objects.Remove(name);
        }
    }

    public bool AskReady()
    {
        lock (_gate)
        {
            Count("ready", mutates: false);
            return IsReady;
        }
    }

    public void Route(EnvId environment, DeploymentId deployment, ImmutableArray<TrafficShare> shares)
    {
        lock (_gate)
        {
            Count($"route {deployment}", mutates: true);
            _routes[(environment, deployment)] = shares;
        }
    }

    private void Count(string operation, bool mutates)
    {
        _calls.Add(new ProviderCall(operation, mutates));
        if (_failIn > 0 && --_failIn == 0)
        {
            throw new IOException("the provider was away");
        }
    }
}
