using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Aggregation;

/// <summary>
/// The facts of a small fleet, kept in the plainest way, beside the tables that are told of them late, twice and out of order. A list of numbers drives it,
/// so that a failing run shrinks to a short one.
/// </summary>
internal sealed class FleetModel
{
    private const int DeviceNames = 7;
    private const int DeploymentNames = 5;
    private static readonly string[] Values = ["a", "b", "c"];
    private static readonly Phase[] Phases = [Phase.None, Phase.Pending, Phase.Running, Phase.Failed];

    private readonly Dictionary<string, Dictionary<string, string>> _devices = [];
    private readonly Dictionary<string, DeploymentIntent> _deployments = [];
    private readonly HashSet<string> _reachable = [];
    private readonly List<Message> _stream = [];
    private readonly SortedSet<int> _undelivered = [];
    private readonly Dictionary<(string Device, string Deployment), ScoreId> _entries = [];
    private Dictionary<PageId, byte[]> _pages = [];
    private (Dictionary<PageId, byte[]> Pages, long Cut)? _saved;

    public FleetTables Tables { get; private set; } = new();

    public void Do(int number)
    {
        var pick = new Picker((uint)number);
        switch (pick.Below(15))
        {
            case 0 or 1:
                SetDevice(ref pick);
                break;
            case 2:
                var gone = Device(ref pick);
                _devices.Remove(gone);
                Tables.RemoveDevice(gone);
                break;
            case 3:
                SetDeployment(ref pick);
                break;
            case 4:
                var name = Deployment(ref pick);
                _deployments.Remove(name);
                Tables.RemoveDeployment(name);
                break;
            case 5 or 6 or 7 or 8:
                _undelivered.Add(_stream.Count);
                _stream.Add(new Message(Device(ref pick), Deployment(ref pick), Phases[pick.Below(4)], Score(ref pick, withNone: true)));
                break;
            case 9 or 10 or 11 when _undelivered.Count > 0:
                Deliver(_undelivered.ElementAt(pick.Below(_undelivered.Count)));
                break;
            case 12 when _stream.Count > 0:
                // However late: also what the tables have forgotten since.
                var late = pick.Below(_stream.Count);
                if (!_undelivered.Contains(late))
                {
                    Tables.Report(_stream[late], this);
                }

                break;
            case 13:
                SetReachable(ref pick);
                break;
            default:
                Other(ref pick);
                break;
        }
    }

    /// <summary>Everything is told, every entry is written.</summary>
    public void Settle()
    {
        while (_undelivered.Count > 0)
        {
            Deliver(_undelivered.Min);
        }

        while (Work())
        {
        }
    }

    public void CheckCounters()
    {
        var newest = new Dictionary<(string Device, string Deployment), int>();
        for (var index = 0; index < _stream.Count; index++)
        {
            newest[(_stream[index].Device, _stream[index].Deployment)] = index;
        }

        foreach (var (name, intent) in _deployments)
        {
            var matched = _devices.Where(device => Naive.Matches(intent.Terms, device.Value)).Select(device => device.Key).ToList();
            bool Said(string device, Phase phase) => newest.TryGetValue((device, name), out var at) && _stream[at].Phase == phase && (_stream[at].Score == default || _stream[at].Score == intent.Score);
            var failed = matched.Where(device => Said(device, Phase.Failed)).ToList();
            var last = failed.Select(device => new DeviceFailure(device, newest[(device, name)] + 1)).MaxBy(failure => failure.Sequence);
            var counts = Tables.CountsOf(name).ShouldNotBeNull();
            (counts.Matched, counts.Succeeded, counts.Failed, counts.Stale)
                .ShouldBe((matched.Count, matched.Count(device => Said(device, Phase.Running)), failed.Count, matched.Count(device => !_reachable.Contains(device))), name);
            counts.LastError.ShouldBe(last, name);
            counts.FailedSample.Order().ShouldBe(failed.Order());
            Tables.Audit(name).ShouldBeFalse($"{name} differs from its own rows");
        }
    }

    public void CheckInvariants()
    {
        foreach (var name in _deployments.Keys)
        {
            var counts = Tables.CountsOf(name).ShouldNotBeNull();
            (counts.Succeeded + counts.Failed + counts.Pending).ShouldBe(counts.Matched);
            new[] { counts.Matched, counts.Succeeded, counts.Failed, counts.Pending, counts.Stale }.Min().ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    public void CheckEntries()
    {
        var wanted = _deployments.SelectMany(deployment => _devices.Where(device => Naive.Matches(deployment.Value.Terms, device.Value))
            .Select(device => KeyValuePair.Create((device.Key, deployment.Key), deployment.Value.Score)));
        _entries.OrderBy(entry => entry.Key).ShouldBe(wanted.OrderBy(entry => entry.Key));
        foreach (var name in Enumerable.Range(0, DeploymentNames).Select(number => $"app-{number}"))
        {
            Tables.EntriesOf(name).ShouldBe(_entries.Count(entry => entry.Key.Deployment == name), name);
        }
    }

    private void SetDevice(ref Picker pick)
    {
        var id = Device(ref pick);
        var labels = new Dictionary<string, string>();
        if (pick.Below(4) > 0)
        {
            labels["device-id"] = pick.Below(6) > 0 ? id : Values[pick.Below(3)];
        }

        foreach (var key in (string[])["group", "site"])
        {
            if (pick.Below(3) > 0)
            {
                labels[key] = Values[pick.Below(3)];
            }
        }

        _devices[id] = labels;
        Tables.SetDevice(id, labels, isPaused: false);
    }

    private void SetDeployment(ref Picker pick)
    {
        var terms = new List<SelectorTerm>();
        for (var count = pick.Below(3); count > 0; count--)
        {
            var key = pick.Below(4) switch { 0 => "device-id", 1 => "site", _ => "group" };
            var op = (SelectorOperator)pick.Below(4);
            ImmutableArray<string> values = op is SelectorOperator.Exists or SelectorOperator.DoesNotExist ? []
                : key == "device-id" ? [Device(ref pick), Device(ref pick)] : [Values[pick.Below(3)], Values[pick.Below(3)]];
            terms.Add(new SelectorTerm(key, op, values));
        }

        var name = Deployment(ref pick);
        _deployments[name] = new DeploymentIntent("uid", [.. terms], Score(ref pick, withNone: false), IsPaused: false, IsBatched: false);
        Tables.SetDeployment(name, _deployments[name]);
    }

    private void SetReachable(ref Picker pick)
    {
        var device = Device(ref pick);
        var isReachable = pick.Below(2) == 0;
        _ = isReachable ? _reachable.Add(device) : _reachable.Remove(device);
        Tables.SetLife(device, isReachable ? DeviceLife.Online : DeviceLife.Offline);
    }

    private void Other(ref Picker pick)
    {
        switch (pick.Below(3))
        {
            case 0:
                Work();
                break;
            case 1:
                Restart();
                break;
            default:
                _saved = Save();
                Tables.Forget(_saved.Value.Cut);
                break;
        }
    }

    private void Deliver(int index)
    {
        _undelivered.Remove(index);
        Tables.Report(_stream[index], this);
    }

    private bool Work()
    {
        if (Tables.TakeWork() is not { } work)
        {
            return false;
        }

        var device = Encoding.UTF8.GetBytes(work.Id);
        foreach (var put in work.Puts)
        {
            _entries[(work.Id, put.Deployment)] = put.Score;
            Tables.Stored(device, Encoding.UTF8.GetBytes(put.Deployment), put.Score);
        }

        foreach (var name in work.Deletes)
        {
            _entries.Remove((work.Id, name));
            Tables.Absent(device, Encoding.UTF8.GetBytes(name));
        }

        Tables.EndWork(work.Device);
        return true;
    }

    /// <summary>What a process knows that ends now and begins anew: its pages, the newest of each report since its cut, and what the cluster lists.</summary>
    private void Restart()
    {
        _ = _saved is null || _stream.Count % 3 == 0 ? _saved = Save() : null;
        var (pages, cut) = _saved!.Value;
        Tables = FleetTables.Read([.. pages.Select(page => (page.Key, page.Value))]);
        _pages = new(pages);
        Tables.Forget(cut);
        Tables.BeginDevices();
        foreach (var (id, labels) in _devices)
        {
            Tables.SetDevice(id, labels, isPaused: false);
        }

        Tables.EndDevices();
        foreach (var name in Tables.DeploymentNames.Except(_deployments.Keys).ToList())
        {
            Tables.RemoveDeployment(name);
        }

        foreach (var (name, intent) in _deployments)
        {
            Tables.SetDeployment(name, intent);
        }

        foreach (var device in Enumerable.Range(0, DeviceNames).Select(number => $"pi-{number}"))
        {
            Tables.SetLife(device, _reachable.Contains(device) ? DeviceLife.Online : DeviceLife.Stale);
        }

        TellAgain((int)cut);
    }

    private (Dictionary<PageId, byte[]> Pages, long Cut) Save()
    {
        foreach (var page in Tables.TakeDirtyPages())
        {
            _pages[page] = Tables.WritePage(page);
        }

        return (new(_pages), _undelivered.Count > 0 ? _undelivered.Min : _stream.Count);
    }

    /// <summary>A stream keeps the newest message of each key only, and so does the bucket of entries.</summary>
    private void TellAgain(int cut)
    {
        for (var index = cut; index < _stream.Count; index++)
        {
            var isNewest = _stream.FindLastIndex(other => (other.Device, other.Deployment) == (_stream[index].Device, _stream[index].Deployment)) == index;
            _ = isNewest ? _undelivered.Add(index) : _undelivered.Remove(index);
        }

        foreach (var device in Enumerable.Range(0, DeviceNames).Select(number => $"pi-{number}"))
        {
            foreach (var deployment in Enumerable.Range(0, DeploymentNames).Select(number => $"app-{number}"))
            {
                if (_entries.TryGetValue((device, deployment), out var score))
                {
                    Tables.Stored(Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(deployment), score);
                    if (!_deployments.ContainsKey(deployment))
                    {
                        Tables.RemoveDeployment(deployment);
                    }
                }
                else
                {
                    Tables.Absent(Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(deployment));
                }
            }
        }
    }

    private static string Device(ref Picker pick) => $"pi-{pick.Below(DeviceNames)}";

    private static string Deployment(ref Picker pick) => $"app-{pick.Below(DeploymentNames)}";

    private static ScoreId Score(ref Picker pick, bool withNone) => new((UInt128)(pick.Below(withNone ? 3 : 2) switch { 2 => 0, var number => number + 1 }));

    public int SequenceOf(Message message) => _stream.FindIndex(other => ReferenceEquals(other, message)) + 1;

    internal sealed record Message(string Device, string Deployment, Phase Phase, ScoreId Score);

    /// <summary>Many small choices from one number.</summary>
    private struct Picker(uint state)
    {
        private ulong _state = (state * 0x9e3779b97f4a7c15UL) + 0x2545f4914f6cdd1d;

        public int Below(int limit)
        {
            _state = (_state * 6364136223846793005UL) + 1442695040888963407UL;
            return (int)((_state >> 33) % (ulong)limit);
        }
    }
}

internal static class Told
{
    public static void Report(this FleetTables tables, FleetModel.Message message, FleetModel model) =>
        tables.Report(Encoding.UTF8.GetBytes(message.Device), Encoding.UTF8.GetBytes(message.Deployment), message.Phase, message.Score, model.SequenceOf(message));
}

/// <summary>The rules of metav1.LabelSelector, word for word.</summary>
internal static class Naive
{
    public static bool Matches(IEnumerable<SelectorTerm> terms, IReadOnlyDictionary<string, string> labels) => terms.All(term => term.Operator switch
    {
        SelectorOperator.In => labels.TryGetValue(term.Key, out var value) && term.Values.Contains(value),
        SelectorOperator.NotIn => !labels.TryGetValue(term.Key, out var value) || !term.Values.Contains(value),
        SelectorOperator.Exists => labels.ContainsKey(term.Key),
        _ => !labels.ContainsKey(term.Key),
    });
}
