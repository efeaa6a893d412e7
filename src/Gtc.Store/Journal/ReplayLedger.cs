using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The answers that were given under idempotency keys, newest <see cref="MaxKeys"/> kept. It is read from the journal and never written.</summary>
internal sealed class ReplayLedger
{
    /// <summary>How many keys are remembered.</summary>
    public const int MaxKeys = 4096;

    private readonly Dictionary<string, long> _places = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, long Sequence)> _order = new();

    /// <summary>Reads the newest keys of a journal.</summary>
    public static ReplayLedger Load(JournalFolder folder)
    {
        var ledger = new ReplayLedger();
        var recent = new Stack<List<(string Key, long Sequence)>>();
        var found = 0;
        foreach (var path in folder.Segments().Reverse())
        {
            var keys = KeysOf(folder.Read(path));
            recent.Push(keys);
            found += keys.Count;
            if (found >= MaxKeys)
            {
                break;
            }
        }

        foreach (var (key, sequence) in recent.SelectMany(keys => keys))
        {
            ledger.Add(key, sequence);
        }

        return ledger;
    }

    /// <summary>What is asked, as a digest.</summary>
    public static string Fingerprint(MutationIntent intent)
    {
        if (intent.Fingerprint is { } own)
        {
            return own;
        }

        var asked = new JsonObject
        {
            ["noun"] = intent.Noun,
            ["verb"] = intent.Verb,
            ["target"] = intent.Target.DeepClone(),
            ["request"] = intent.Request is { } request ? JsonNode.Parse(request.GetRawText()) : null,
        };
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Bytes(AuditLines.ToElement(asked))));
    }

    /// <summary>Remembers a key; the oldest one is forgotten when there are too many.</summary>
    public void Add(string key, long sequence)
    {
        _places[key] = sequence;
        _order.Enqueue((key, sequence));
        while (_order.Count > MaxKeys)
        {
            var (oldest, place) = _order.Dequeue();
            if (_places[oldest] == place)
            {
                _places.Remove(oldest);
            }
        }
    }

    /// <summary>The number of the record that stands under a key, or null.</summary>
    public long? Find(string key) => _places.TryGetValue(key, out var sequence) ? sequence : null;

    /// <summary>The keys of one segment, and the numbers of their records.</summary>
    public static List<(string Key, long Sequence)> KeysOf(JournalSegment segment)
    {
        var keys = new List<(string, long)>();
        for (var index = 0; index < segment.Payloads.Length; index++)
        {
            if (JournalRecord.ReadStart(segment.Payload(index).Span) is { Key: { } key, Sequence: var sequence })
            {
                keys.Add((key, sequence));
            }
        }

        return keys;
    }
}
