using System.Collections.Immutable;
using System.Text;

namespace Gtc.Redis;

/// <summary>What a reply is (RESP3 specification; RESP2 has the first five).</summary>
public enum RedisKind
{
    /// <summary>Nothing: <c>_</c>, <c>$-1</c> or <c>*-1</c>.</summary>
    Null,

    /// <summary>A short text: <c>+</c>.</summary>
    Text,

    /// <summary>An error's text: <c>-</c> or <c>!</c>.</summary>
    Error,

    /// <summary>A signed number of 64 bits: <c>:</c>.</summary>
    Number,

    /// <summary>Any bytes: <c>$</c>.</summary>
    Bulk,

    /// <summary>A list: <c>*</c>.</summary>
    Array,

    /// <summary>Keys and values in turn: <c>%</c>.</summary>
    Map,

    /// <summary>A list without order: <c>~</c>.</summary>
    Set,

    /// <summary>Something that nobody asked for: <c>&gt;</c>.</summary>
    Push,

    /// <summary>A floating-point number, kept as its text: <c>,</c>.</summary>
    Real,

    /// <summary>True (1) or false (0): <c>#</c>.</summary>
    Boolean,

    /// <summary>A whole number of any size, kept as its text: <c>(</c>.</summary>
    BigNumber,

    /// <summary>Bytes after a format of three characters and a colon: <c>=</c>.</summary>
    Verbatim,
}

/// <summary>One reply of a server. Immutable.</summary>
public sealed class RedisReply
{
    private RedisReply(RedisKind kind) => Kind = kind;

    /// <summary>Nothing.</summary>
    public static RedisReply Null { get; } = new(RedisKind.Null);

    /// <summary>What most commands that change something answer.</summary>
    public static RedisReply Ok { get; } = Of(RedisKind.Text, "OK"u8.ToArray());

    /// <summary>What it is.</summary>
    public RedisKind Kind { get; }

    /// <summary>The number of <see cref="RedisKind.Number"/>, and 0 or 1 of <see cref="RedisKind.Boolean"/>; else 0.</summary>
    public long Number { get; private init; }

    /// <summary>The bytes of texts, errors, bulks, verbatims, doubles and big numbers; else nothing.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>The members of arrays, sets and pushes, and keys and values in turn of maps; else empty.</summary>
    public ImmutableArray<RedisReply> Items { get; private init; } = [];

    /// <summary><see cref="Bytes"/> as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>A reply that holds bytes.</summary>
    internal static RedisReply Of(RedisKind kind, ReadOnlyMemory<byte> bytes) => new(kind) { Bytes = bytes };

    /// <summary>A reply that holds a number.</summary>
    internal static RedisReply Of(RedisKind kind, long number) => new(kind) { Number = number };

    /// <summary>A reply that holds others.</summary>
    internal static RedisReply Of(RedisKind kind, ImmutableArray<RedisReply> items) => new(kind) { Items = items };

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        RedisKind.Null => "(null)",
        RedisKind.Number or RedisKind.Boolean => Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        RedisKind.Array or RedisKind.Map or RedisKind.Set or RedisKind.Push => $"({Kind} of {Items.Length})",
        _ => Text,
    };
}
