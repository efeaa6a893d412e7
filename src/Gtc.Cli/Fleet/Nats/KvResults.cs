using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary>The buckets of a broker.</summary>
internal sealed record KvBuckets(ImmutableArray<KvBucket> Buckets);

/// <summary>One bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entries">How many entries it keeps, markers of deletions included.</param>
/// <param name="Bytes">How many bytes they take.</param>
/// <param name="History">How many entries of a key it keeps.</param>
/// <param name="Storage">Where it keeps them.</param>
/// <param name="LastRevision">Its last revision.</param>
/// <param name="LastChange">When that was, or null for never.</param>
internal sealed record KvBucket(string Name, ulong Entries, ulong Bytes, ulong History, string Storage, ulong LastRevision, DateTimeOffset? LastChange);

/// <summary>The keys of a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Keys">Those that have a value.</param>
/// <param name="IsCut">Whether there are more than were asked for.</param>
internal sealed record KvKeys(string Bucket, ImmutableArray<KvKey> Keys, bool IsCut);

/// <summary>One key.</summary>
internal sealed record KvKey(string Key, ulong Revision, DateTimeOffset Created);

/// <summary>All that is kept of a key.</summary>
internal sealed record KvEntries(string Bucket, string Key, ImmutableArray<KvEntry> Entries);

/// <summary>A write that was taken.</summary>
internal sealed record KvWritten(string Bucket, string Key, ulong Revision);

/// <summary>A watch that began.</summary>
internal sealed record KvWatching(string Bucket, string Filter, ulong Initial);

/// <summary>One entry.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Created">When it was stored.</param>
/// <param name="Operation"><c>put</c>, <c>delete</c> or <c>purge</c>.</param>
/// <param name="Value">The value when it is UTF-8 text.</param>
/// <param name="ValueBase64">The value when it is not.</param>
/// <param name="Headers">Its headers, or null.</param>
internal sealed record KvEntry(
    string Key, ulong Revision, DateTimeOffset Created, string Operation, string? Value, string? ValueBase64, ImmutableSortedDictionary<string, string>? Headers)
{
    /// <summary>The value for people: text as it is, else how long it is.</summary>
    public string Shown => Value ?? (ValueBase64 is null ? $"({Operation})" : $"({ValueBase64.Length * 3 / 4} bytes that are no text)");

    /// <summary>Of what the broker gave.</summary>
    public static KvEntry Of(BucketEntry entry)
    {
        var isText = Utf8.IsValid(entry.Value.Span);
        return new(
            entry.Key,
            entry.Revision,
            entry.Created,
            entry.Operation switch { BucketOperation.Delete => "delete", BucketOperation.Purge => "purge", _ => "put" },
            entry.IsPut && isText ? Encoding.UTF8.GetString(entry.Value.Span) : null,
            entry.IsPut && !isText ? Convert.ToBase64String(entry.Value.Span) : null,
            HeadersOf(entry));
    }

    /// <summary>Those of the writer: what the broker adds of its own is in the other members.</summary>
    private static ImmutableSortedDictionary<string, string>? HeadersOf(BucketEntry entry)
    {
        string[] known = ["Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "KV-Operation"];
        var own = entry.Headers?.Where(header => !known.Contains(header.Key)).DistinctBy(header => header.Key).ToImmutableSortedDictionary(StringComparer.Ordinal);
        return own is { Count: > 0 } ? own : null;
    }
}
