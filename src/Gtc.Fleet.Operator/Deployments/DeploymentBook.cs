using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator;

/// <summary>
/// All deployments of the cluster, and which of those with the same name is the one that devices know. Devices have no namespaces, so the first accepted
/// owns a name until it is gone (fleet.md §6.2).
/// </summary>
internal sealed class DeploymentBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<KubeKey, DeploymentRecord> _records = [];
    private readonly Dictionary<string, List<KubeKey>> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeKey> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ActiveDeployment> _active = new(StringComparer.Ordinal);

    /// <summary>The record of a resource, or null.</summary>
    public DeploymentRecord? this[KubeKey key]
    {
        get
        {
            lock (_gate)
            {
                return _records.GetValueOrDefault(key);
            }
        }
    }

    public IReadOnlyList<DeploymentRecord> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _records.Values];
            }
        }
    }

    /// <summary>The records of a name, from all namespaces.</summary>
    public IReadOnlyList<DeploymentRecord> Named(string name)
    {
        lock (_gate)
        {
            return [.. RecordsOf(name)];
        }
    }

    /// <summary>The last valid content of the owner of a name: what devices are given, also while a later content is not valid.</summary>
    public ActiveDeployment? ActiveOf(string name)
    {
        lock (_gate)
        {
            return _active.GetValueOrDefault(name);
        }
    }

    /// <summary>Who owns a name, or null.</summary>
    public KubeKey? OwnerOf(string name)
    {
        lock (_gate)
        {
            return _owners.TryGetValue(name, out var owner) ? owner : null;
        }
    }

    /// <summary>What is to be told of a resource: its own verdict, or that its name is another's.</summary>
    public Verdict VerdictOf(DeploymentRecord record)
    {
        lock (_gate)
        {
            return record.Verdict.IsAccepted && _owners.TryGetValue(record.Key.Name, out var owner) && owner != record.Key ? Verdict.Conflict(owner, record.Key.Name) : record.Verdict;
        }
    }

    public void Set(DeploymentRecord record)
    {
        lock (_gate)
        {
            if (!_records.ContainsKey(record.Key))
            {
                if (!_named.TryGetValue(record.Key.Name, out var named))
                {
                    _named.Add(record.Key.Name, named = []);
                }

                named.Add(record.Key);
            }

            _records[record.Key] = record;
        }
    }

    /// <summary>Notes what a write of this process made of a resource, unless more has been seen of it since.</summary>
    public void Note(DeploymentRecord seen, DeploymentRecord made)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_records.GetValueOrDefault(seen.Key), seen))
            {
                _records[seen.Key] = made;
            }
        }
    }

    public void Remove(KubeKey key)
    {
        lock (_gate)
        {
            if (_records.Remove(key) && _named[key.Name] is var named && named.Remove(key) && named.Count == 0)
            {
                _named.Remove(key.Name);
            }
        }
    }

    /// <summary>Decides who owns a name now. An owner stays until its resource is gone.</summary>
    /// <returns>The owner's record, or null when nobody owns the name.</returns>
    public DeploymentRecord? Decide(string name)
    {
        lock (_gate)
        {
            var before = _owners.TryGetValue(name, out var known) ? known : (KubeKey?)null;
            var owner = before is { } key && _records.TryGetValue(key, out var kept) ? kept
                : RecordsOf(name).Where(record => (record.Verdict.IsAccepted || record.WasAccepted) && !record.IsDeleting)
                    .Concat(RecordsOf(name).Where(record => record.IsDeleting && record.WasAccepted))
                    .OrderByDescending(record => record.WasAccepted).ThenBy(record => record.Created).ThenBy(record => record.Key.Namespace, StringComparer.Ordinal)
                    .FirstOrDefault();
            var isNew = owner?.Key != before;
            if (owner is null)
            {
                _owners.Remove(name);
                _active.Remove(name);
                return null;
            }

            _owners[name] = owner.Key;
            if (owner.Active is { } active)
            {
                _active[name] = active;
            }
            else if (isNew)
            {
                _active.Remove(name);
            }

            return owner;
        }
    }

    private IEnumerable<DeploymentRecord> RecordsOf(string name) => _named.TryGetValue(name, out var keys) ? keys.Select(key => _records[key]) : [];
}
