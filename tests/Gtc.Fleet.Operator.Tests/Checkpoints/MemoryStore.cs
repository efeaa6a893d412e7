namespace Gtc.Fleet.Operator.Tests.Checkpoints;

/// <summary>Keeps what was written and in which order.</summary>
internal sealed class MemoryStore : ICheckpointStore
{
    private ulong _revision;

    public Dictionary<string, (byte[] Value, ulong Revision)> Values { get; private init; } = [];

    public List<KeyValuePair<string, byte[]>> Log { get; } = [];

    /// <summary>Comes before everything that is asked of it.</summary>
    public Func<Task> Before { get; set; } = static () => Task.CompletedTask;

    /// <summary>The newest header that took the place of another.</summary>
    public CheckpointHeader? Newest { get; private set; }

    /// <summary>Whether the next replacement is stored without an answer.</summary>
    public bool LosesNextAnswer { get; set; }

    public MemoryStore Copy()
    {
        Log.Clear();
        return new MemoryStore { Values = Values.ToDictionary(value => value.Key, value => ((byte[])value.Value.Value.Clone(), value.Value.Revision)), _revision = _revision };
    }

    public void Put(string key, byte[] value)
    {
        Values[key] = (value, ++_revision);
        Log.Add(KeyValuePair.Create(key, value));
    }

    public async Task<StoredValue> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await Before();
        return Values.TryGetValue(key, out var found) ? new StoredValue(found.Value, found.Revision) : default;
    }

    public async Task<string?> WriteAsync(IReadOnlyCollection<KeyValuePair<string, byte[]>> values, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in values)
        {
            await Before();
            Put(key, value);
        }

        return null;
    }

    public async Task<Replacement> ReplaceAsync(string key, byte[] value, ulong revision, CancellationToken cancellationToken)
    {
        await Before();
        if ((Values.TryGetValue(key, out var found) ? found.Revision : 0) != revision)
        {
            return new Replacement(0, IsConflict: true);
        }

        Put(key, value);
        Newest = CheckpointHeader.Read(value);
        if (!LosesNextAnswer)
        {
            return new Replacement(_revision);
        }

        LosesNextAnswer = false;
        return new Replacement(0, Error: "no answer");
    }

    public async Task SweepAsync(string prefix, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        foreach (var key in Values.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            await Before();
            if (!isWanted(key))
            {
                Values.Remove(key);
            }
        }
    }
}
