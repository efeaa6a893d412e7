namespace Gtc.Fleet.Operator;

/// <summary>A label key: who has it, its values, and the selectors that are looked up by its presence.</summary>
internal sealed class LabelKey(string name)
{
    public string Name { get; } = name;

    public Dictionary<string, Label> Values { get; } = new(StringComparer.Ordinal);

    public DeviceSet Devices { get; } = new();

    public List<int> Anchored { get; } = [];

    /// <summary>How many selectors name the key itself.</summary>
    public int Uses { get; set; }
}

/// <summary>A label key with one value: who has it, and the selectors that are looked up by it.</summary>
internal sealed class Label(LabelKey key, string value)
{
    public LabelKey Key { get; } = key;

    public string Value { get; } = value;

    public DeviceSet Devices { get; } = new();

    public List<int> Anchored { get; } = [];

    /// <summary>How many label sets and selectors name it.</summary>
    public int Uses { get; set; }
}

/// <summary>Labels that devices have in common; most devices of a fleet share theirs with many others.</summary>
internal sealed class LabelSet(Label[] labels)
{
    public static readonly LabelSet Empty = new([]);

    /// <summary>In the order of their keys.</summary>
    public Label[] Labels { get; } = labels;

    public int Uses { get; set; }

    /// <summary>The label of a key, or null.</summary>
    public Label? Of(LabelKey key)
    {
        foreach (var label in Labels)
        {
            if (ReferenceEquals(label.Key, key))
            {
                return label;
            }
        }

        return null;
    }
}
