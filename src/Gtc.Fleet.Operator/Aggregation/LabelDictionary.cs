using System.Runtime.InteropServices;

namespace Gtc.Fleet.Operator;

/// <summary>Every label and every set of labels is held once, for as long as a device or a selector names it.</summary>
internal sealed class LabelDictionary
{
    private readonly Dictionary<string, LabelKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<Label[], LabelSet> _sets = new(SameLabels.Instance);

    /// <summary>The key, or null when nobody names it.</summary>
    public LabelKey? Find(string key) => _keys.GetValueOrDefault(key);

    /// <summary>The set of these labels, used once more.</summary>
    public LabelSet Take(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var found = labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => Intern(label.Key, label.Value)).ToArray();
        if (!_sets.TryGetValue(found, out var set))
        {
            set = new LabelSet(found);
            _sets.Add(found, set);
            foreach (var label in found)
            {
                label.Uses++;
            }
        }

        set.Uses++;
        return set;
    }

    /// <summary>The set is used once less.</summary>
    public void Release(LabelSet set)
    {
        if (--set.Uses > 0)
        {
            return;
        }

        _sets.Remove(set.Labels);
        foreach (var label in set.Labels)
        {
            Release(label);
        }
    }

    /// <summary>A label that a selector names, used once more.</summary>
    public Label Take(string key, string value)
    {
        var label = Intern(key, value);
        label.Uses++;
        return label;
    }

    /// <summary>The label is used once less.</summary>
    public void Release(Label label)
    {
        if (--label.Uses == 0)
        {
            label.Key.Values.Remove(label.Value);
            Drop(label.Key);
        }
    }

    /// <summary>A key that a selector names, used once more.</summary>
    public LabelKey TakeKey(string name)
    {
        var key = InternKey(name);
        key.Uses++;
        return key;
    }

    /// <summary>The key is used once less.</summary>
    public void Release(LabelKey key)
    {
        key.Uses--;
        Drop(key);
    }

    private void Drop(LabelKey key)
    {
        if (key is { Uses: 0, Values.Count: 0 })
        {
            _keys.Remove(key.Name);
        }
    }

    private LabelKey InternKey(string name) => CollectionsMarshal.GetValueRefOrAddDefault(_keys, name, out _) ??= new LabelKey(name);

    private Label Intern(string key, string value)
    {
        var owner = InternKey(key);
        return CollectionsMarshal.GetValueRefOrAddDefault(owner.Values, value, out _) ??= new Label(owner, value);
    }

    private sealed class SameLabels : IEqualityComparer<Label[]>
    {
        public static readonly SameLabels Instance = new();

        public bool Equals(Label[]? x, Label[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(Label[] labels)
        {
            var hash = default(HashCode);
            foreach (var label in labels)
            {
                hash.Add(label);
            }

            return hash.ToHashCode();
        }
    }
}
