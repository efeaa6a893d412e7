using Gtc.Cli.Verbs;

namespace Gtc.Cli.Fleet.Nats;

/// <summary>What all verbs of <c>kv</c> take: where the broker is and who asks.</summary>
internal abstract record KvPayload
{
    /// <summary>The variable that names the broker when <c>--server</c> does not.</summary>
    public const string ServerVariable = "NATS_URL";

    /// <summary>The broker when nothing names one.</summary>
    public const string DefaultServer = "nats://127.0.0.1:4222";

    /// <summary>The broker, or null for that of <see cref="ServerVariable"/>.</summary>
    public string? Server { get; init; }

    /// <summary>A credentials file, or null for none.</summary>
    public string? Creds { get; init; }

    /// <summary>The fields behind those of the verb's own.</summary>
    public static PayloadField[] SharedFields =>
    [
        new("server", $"the broker; {ServerVariable} or {DefaultServer} when not given", "--server", "URL"),
        new("creds", "a credentials file of the broker (.creds)", "--creds", "FILE"),
    ];

    /// <summary>The bucket, as every verb but one requires it.</summary>
    public static PayloadField BucketField { get; } = new("bucket", "the bucket, e.g. device-state", Position: "BUCKET");

    /// <summary>The key.</summary>
    public static PayloadField KeyField { get; } = new("key", "the key, e.g. state.pi-1.web", Position: "KEY");
}

/// <summary>What <c>kv ls</c> takes.</summary>
internal sealed record KvListPayload : KvPayload
{
    /// <summary>Keys listed when nothing is said.</summary>
    public const uint DefaultLimit = 1000;

    /// <summary>The bucket whose keys are listed, or null for the buckets themselves.</summary>
    public string? Bucket { get; init; }

    /// <summary>Which keys, or null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>How many keys at most, or null for <see cref="DefaultLimit"/>.</summary>
    public uint? Limit { get; init; }
}

/// <summary>What <c>kv get</c> takes.</summary>
internal sealed record KvGetPayload : KvPayload
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The revision, or null for the last.</summary>
    public ulong? Revision { get; init; }

    /// <summary>Whether only the value is printed.</summary>
    public bool Raw { get; init; }
}

/// <summary>What <c>kv put</c> takes.</summary>
internal sealed record KvPutPayload : KvPayload
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The value as text, or null when it is in a file.</summary>
    public string? Value { get; init; }

    /// <summary>A file with the value, or <c>-</c>.</summary>
    public string? File { get; init; }

    /// <summary>The revision that the key has to have; 0 for none.</summary>
    public ulong? ExpectRevision { get; init; }
}

/// <summary>What <c>kv watch</c> takes.</summary>
internal sealed record KvWatchPayload : KvPayload
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>Which keys, or null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether what is there already is left out.</summary>
    public bool New { get; init; }

    /// <summary>After how many entries it ends, or null for never.</summary>
    public uint? Limit { get; init; }

    /// <summary>Whether only the values are printed.</summary>
    public bool Raw { get; init; }
}

/// <summary>What <c>kv history</c> takes.</summary>
internal sealed record KvHistoryPayload : KvPayload
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }
}
