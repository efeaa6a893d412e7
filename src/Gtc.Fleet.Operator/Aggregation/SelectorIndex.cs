using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Which devices a selector takes, and which selectors could take a device, without looking at all of either. Each label knows its devices; each selector
/// is filed under its rarest positive term, or in a list of its own when it has none.
/// </summary>
/// <remarks>
/// Every device has the label <c>device-id</c> with its own id. A million sets of one device would be held for it, so a device says by a flag
/// that its label is the usual one, and the id itself answers.
/// </remarks>
internal sealed class SelectorIndex(NameTable devices)
{
    public const string DeviceIdKey = "device-id";

    private readonly LabelDictionary _labels = new();
    private readonly DeviceSet _known = new();
    private readonly DeviceSet _ownId = new();
    private readonly List<int> _unanchored = [];
    private LabelSet?[] _sets = [];
    private int[] _stamps = [];
    private int _stamp;

    /// <summary>How many devices have labels.</summary>
    public int Devices => _known.Count;

    /// <summary>Whether a device is known.</summary>
    public bool Knows(int device) => device < _sets.Length && _sets[device] is not null;

    /// <summary>Whether a device has its own id as the label <see cref="DeviceIdKey"/>.</summary>
    public bool HasOwnId(int device) => _ownId.Contains(device);

    /// <summary>The labels of a known device, without that of its own id.</summary>
    public IEnumerable<KeyValuePair<string, string>> StoredLabelsOf(int device) =>
        _sets[device]!.Labels.Select(label => KeyValuePair.Create(label.Key.Name, label.Value));

    /// <summary>Gives a device its labels.</summary>
    /// <returns>The selectors whose answer may have changed, each once; empty when the labels are the same as before.</returns>
    public List<int> SetLabels(int device, IReadOnlyDictionary<string, string> labels)
    {
        var hasOwnId = labels.TryGetValue(DeviceIdKey, out var id) && id == devices.Text(device);
        var next = _labels.Take(hasOwnId ? labels.Where(label => label.Key != DeviceIdKey) : labels);
        EnsureDevice(device);
        var before = _sets[device];
        var wasOwnId = _ownId.Contains(device);
        if (ReferenceEquals(before, next) && wasOwnId == hasOwnId)
        {
            _labels.Release(next);
            return [];
        }

        _stamp++;
        var touched = new List<int>();
        Collect(before ?? LabelSet.Empty, wasOwnId, device, touched);
        Move(device, before ?? LabelSet.Empty, next);
        _sets[device] = next;
        _known.Add(device);
        _ = hasOwnId ? _ownId.Add(device) : _ownId.Remove(device);
        Collect(next, hasOwnId, device, touched);
        if (before is not null)
        {
            _labels.Release(before);
        }

        return touched;
    }

    /// <summary>Forgets a device.</summary>
    /// <returns>The selectors that may have taken it.</returns>
    public List<int> Remove(int device)
    {
        var before = _sets[device]!;
        var touched = Candidates(device);
        Move(device, before, LabelSet.Empty);
        _sets[device] = null;
        _known.Remove(device);
        _ownId.Remove(device);
        _labels.Release(before);
        return touched;
    }

    /// <summary>The selectors that may take a known device, each once.</summary>
    public List<int> Candidates(int device)
    {
        _stamp++;
        var touched = new List<int>();
        Collect(_sets[device]!, _ownId.Contains(device), device, touched);
        return touched;
    }

    /// <summary>Files a selector under a number.</summary>
    public BoundSelector Add(int number, ImmutableArray<SelectorTerm> terms)
    {
        if (number >= _stamps.Length)
        {
            Array.Resize(ref _stamps, number + Math.Max(16, number / 2));
        }

        var bound = new BoundSelector([.. terms.Select(term =>
            new BoundTerm(_labels.TakeKey(term.Key), term.Operator, [.. term.Values.Distinct(StringComparer.Ordinal).Select(value => _labels.Take(term.Key, value))]))]);
        bound.Anchor = bound.Terms.Where(term => term.IsPositive).MinBy(Cost);
        foreach (var list in Lists(bound))
        {
            list.Add(number);
        }

        return bound;
    }

    /// <summary>Takes a selector away.</summary>
    public void Remove(int number, BoundSelector selector)
    {
        foreach (var list in Lists(selector))
        {
            list.Remove(number);
        }

        foreach (var term in selector.Terms)
        {
            foreach (var value in term.Values)
            {
                _labels.Release(value);
            }

            _labels.Release(term.Key);
        }
    }

    /// <summary>Whether a selector takes a known device.</summary>
    public bool Matches(BoundSelector selector, int device)
    {
        var set = _sets[device]!;
        foreach (var term in selector.Terms)
        {
            if (!Holds(term, set, device))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>All known devices that a selector takes: algebra on the sets of its labels.</summary>
    public DeviceSet Evaluate(BoundSelector selector)
    {
        DeviceSet? found = null;
        foreach (var term in selector.Terms.OrderByDescending(term => term.IsPositive))
        {
            var algebra = term.IsPositive ? SetAlgebra.And : SetAlgebra.AndNot;
            found = found is null && term.IsPositive ? Having(term) : DeviceSet.Combine(found ?? _known, Having(term), algebra);
        }

        return found ?? _known;
    }

    private static bool ContainsValue(BoundTerm term, ReadOnlySpan<byte> id)
    {
        foreach (var value in term.Values)
        {
            if (System.Text.Ascii.Equals(id, value.Value))
            {
                return true;
            }
        }

        return false;
    }

    private static long Cost(BoundTerm term) => term.Operator == SelectorOperator.Exists
        ? ((long)term.Key.Devices.Count * 1024) + term.Key.Anchored.Count + 1
        : term.Values.Sum(value => ((long)value.Devices.Count * 1024) + value.Anchored.Count);

    private IEnumerable<List<int>> Lists(BoundSelector selector) => selector.Anchor switch
    {
        null => [_unanchored],
        { Operator: SelectorOperator.Exists } term => [term.Key.Anchored],
        var term => term.Values.Select(value => value.Anchored),
    };

    private bool Holds(BoundTerm term, LabelSet set, int device)
    {
        var label = set.Of(term.Key);
        var isOwnId = label is null && term.Key.Name == DeviceIdKey && _ownId.Contains(device);
        return term.Operator switch
        {
            SelectorOperator.Exists => isOwnId || label is not null,
            SelectorOperator.DoesNotExist => !isOwnId && label is null,
            SelectorOperator.In => isOwnId ? ContainsValue(term, devices.At(device)) : label is not null && term.Values.Contains(label),
            _ => isOwnId ? !ContainsValue(term, devices.At(device)) : label is null || !term.Values.Contains(label),
        };
    }

    /// <summary>The devices that have the key (for terms of presence) or one of the values.</summary>
    private DeviceSet Having(BoundTerm term)
    {
        var isPresence = term.Operator is SelectorOperator.Exists or SelectorOperator.DoesNotExist;
        var found = isPresence ? term.Key.Devices : new DeviceSet();
        if (!isPresence)
        {
            found = term.Values.Length == 1 ? term.Values[0].Devices : term.Values.Aggregate(found, (all, value) => DeviceSet.Combine(all, value.Devices, SetAlgebra.Or));
        }

        return term.Key.Name == DeviceIdKey ? DeviceSet.Combine(found, OwnIds(term, isPresence), SetAlgebra.Or) : found;
    }

    private DeviceSet OwnIds(BoundTerm term, bool isPresence)
    {
        if (isPresence)
        {
            return _ownId;
        }

        var named = new DeviceSet();
        foreach (var value in term.Values)
        {
            var device = devices.Find(System.Text.Encoding.UTF8.GetBytes(value.Value));
            if (device >= 0 && _ownId.Contains(device))
            {
                named.Add(device);
            }
        }

        return named;
    }

    private static void Move(int device, LabelSet before, LabelSet after)
    {
        foreach (var label in before.Labels)
        {
            label.Devices.Remove(device);
            label.Key.Devices.Remove(device);
        }

        foreach (var label in after.Labels)
        {
            label.Devices.Add(device);
            label.Key.Devices.Add(device);
        }
    }

    private void Collect(LabelSet set, bool isOwnId, int device, List<int> touched)
    {
        Collect(_unanchored, touched);
        foreach (var label in set.Labels)
        {
            Collect(label.Anchored, touched);
            Collect(label.Key.Anchored, touched);
        }

        if (isOwnId && _labels.Find(DeviceIdKey) is { } key)
        {
            Collect(key.Anchored, touched);
            if (key.Values.TryGetValue(devices.Text(device), out var own))
            {
                Collect(own.Anchored, touched);
            }
        }
    }

    private void Collect(List<int> numbers, List<int> touched)
    {
        foreach (var number in numbers)
        {
            if (_stamps[number] != _stamp)
            {
                _stamps[number] = _stamp;
                touched.Add(number);
            }
        }
    }

    private void EnsureDevice(int device)
    {
        if (device >= _sets.Length)
        {
            Array.Resize(ref _sets, device + Math.Max(64, device / 4));
        }
    }
}
