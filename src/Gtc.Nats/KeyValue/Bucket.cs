namespace Gtc.Nats;

/// <summary>A key-value bucket. Keys are checked before anything is sent. Safe to use from any thread.</summary>
public sealed partial class Bucket
{
    internal Bucket(JetStreamContext streams, string name)
    {
        Streams = streams;
        Name = name;
        Stream = BucketConfig.StreamPrefix + name;
        Prefix = $"$KV.{name}.";
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The stream that keeps it.</summary>
    public string Stream { get; }

    /// <summary>The streams of the connection.</summary>
    public JetStreamContext Streams { get; }

    /// <summary>What subjects of its keys begin with.</summary>
    internal string Prefix { get; }

    /// <summary>The value of a key.</summary>
    /// <returns>The value, or <see cref="NatsErrorKind.NotFound"/> when the key has none or was deleted.</returns>
    public async Task<NatsResult<BucketEntry>> GetAsync(string key, CancellationToken cancellationToken)
    {
        var found = await GetLastAsync(key, cancellationToken);
        return found is { IsOk: true, Value.IsPut: false } ? Missing(key, $"was deleted at revision {found.Value.Revision}") : found;
    }

    /// <summary>The last that happened to a key: its value, or the marker of its deletion.</summary>
    public async Task<NatsResult<BucketEntry>> GetLastAsync(string key, CancellationToken cancellationToken) =>
        KeyRules.CheckKey(key) is { } invalid ? invalid : Entry(key, await Streams.DirectGetAsync(Stream, Prefix + key, cancellationToken));

    /// <summary>What happened to a key at a revision.</summary>
    public async Task<NatsResult<BucketEntry>> GetAsync(string key, ulong revision, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckKey(key) is { } invalid)
        {
            return invalid;
        }

        var found = Entry(key, await Streams.DirectGetAsync(Stream, revision, cancellationToken));
        return found.IsOk && found.Value.Key != key ? Missing(key, $"has no revision {revision}") : found;
    }

    /// <summary>Gives a key a value.</summary>
    /// <returns>The new revision.</returns>
    public ValueTask<NatsResult<ulong>> PutAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => PutAsync(key, value, default, cancellationToken);

    /// <summary>Gives a key a value, under conditions and with headers.</summary>
    /// <returns>The new revision.</returns>
    public ValueTask<NatsResult<ulong>> PutAsync(string key, ReadOnlyMemory<byte> value, BucketWrite write, CancellationToken cancellationToken) =>
        WriteAsync(key, value, write.ToOptions(BucketOperation.Put), cancellationToken);

    /// <summary>Gives a key its value if nobody wrote since.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="revision">The revision that the key has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new revision, or <see cref="NatsErrorKind.WrongLastSequence"/>.</returns>
    public ValueTask<NatsResult<ulong>> UpdateAsync(string key, ReadOnlyMemory<byte> value, ulong revision, CancellationToken cancellationToken) =>
        PutAsync(key, value, new BucketWrite { ExpectedRevision = revision }, cancellationToken);

    /// <summary>Gives a key a value if it has none. A deleted key has none.</summary>
    /// <returns>The new revision, or <see cref="NatsErrorKind.AlreadyExists"/>.</returns>
    public async Task<NatsResult<ulong>> CreateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var created = await UpdateAsync(key, value, 0, cancellationToken);
        if (created.Error is not { Kind: NatsErrorKind.WrongLastSequence })
        {
            return created;
        }

        if (!(await GetLastAsync(key, cancellationToken)).TryGet(out var last, out var error))
        {
            return error;
        }

        if (!last.IsPut)
        {
            created = await UpdateAsync(key, value, last.Revision, cancellationToken);
            if (created.Error is not { Kind: NatsErrorKind.WrongLastSequence })
            {
                return created;
            }
        }

        return new NatsError(NatsErrorKind.AlreadyExists, $"`{key}` of bucket {Name} has a value", JetStreamErrors.WrongLastSequence) { LastSequence = last.Revision };
    }

    /// <summary>Deletes a key: a marker becomes its last entry.</summary>
    /// <returns>The marker's revision.</returns>
    public ValueTask<NatsResult<ulong>> DeleteAsync(string key, CancellationToken cancellationToken) => DeleteAsync(key, default, cancellationToken);

    /// <summary>Deletes a key, under conditions and with headers.</summary>
    /// <returns>The marker's revision.</returns>
    public ValueTask<NatsResult<ulong>> DeleteAsync(string key, BucketWrite write, CancellationToken cancellationToken) =>
        WriteAsync(key, default, write.ToOptions(BucketOperation.Delete), cancellationToken);

    /// <summary>Deletes a key with all its earlier values. Only where the bucket takes roll-ups, else <see cref="NatsErrorKind.RollUpRefused"/>.</summary>
    /// <returns>The marker's revision.</returns>
    public ValueTask<NatsResult<ulong>> PurgeAsync(string key, CancellationToken cancellationToken) =>
        WriteAsync(key, default, default(BucketWrite).ToOptions(BucketOperation.Purge), cancellationToken);

    /// <summary>How the bucket is set and what is in it.</summary>
    public Task<NatsResult<StreamStatus>> StatusAsync(CancellationToken cancellationToken) => Streams.StreamAsync(Stream, cancellationToken);

    /// <summary>Writes many keys without waiting for each: acknowledgements are told to a callback as they come.</summary>
    /// <param name="window">How many writes may be under way.</param>
    /// <param name="acknowledged">Told of each, with the tag that it was written with. Runs on the connection's reading loop: it must be quick and must not wait.</param>
    public BucketPipeline OpenPipeline(int window, Action<long, NatsResult<PublishAck>> acknowledged) => new(this, Streams.OpenPipeline(window, acknowledged));

    private NatsError Missing(string key, string why) => new(NatsErrorKind.NotFound, $"`{key}` of bucket {Name} {why}", JetStreamErrors.NoMessageFound);

    private NatsResult<BucketEntry> Entry(string key, NatsResult<StreamMessage> found) =>
        found.TryGet(out var message, out var error) ? new BucketEntry(message, Prefix.Length)
            : error.Kind == NatsErrorKind.NotFound ? Missing(key, "has no value") : error;

    private ValueTask<NatsResult<ulong>> WriteAsync(string key, ReadOnlyMemory<byte> value, in PublishOptions options, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckKey(key) is { } invalid)
        {
            return ValueTask.FromResult<NatsResult<ulong>>(invalid);
        }

        return RevisionAsync(Streams.PublishAsync(Prefix, key, value, options, cancellationToken));
    }

    private static async ValueTask<NatsResult<ulong>> RevisionAsync(ValueTask<NatsResult<PublishAck>> publishing) =>
        (await publishing).TryGet(out var ack, out var error) ? ack.Sequence : error;
}
