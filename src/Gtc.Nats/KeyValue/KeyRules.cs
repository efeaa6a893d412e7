using System.Buffers;
using System.Text;

namespace Gtc.Nats;

/// <summary>What names of streams and buckets, and keys, may look like. The server does not check keys: a wrong one vanishes, or lands elsewhere.</summary>
public static class KeyRules
{
    /// <summary>The most bytes of a key.</summary>
    public const int MaxKeyLength = 255;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> BucketLetters = SearchValues.Create($"{Letters}_-");
    private static readonly SearchValues<char> KeyLetters = SearchValues.Create($"{Letters}-/_=.");
    private static readonly SearchValues<char> FilterLetters = SearchValues.Create($"{Letters}-/_=.*>");
    private static readonly SearchValues<char> NotInStreams = SearchValues.Create(".*>/\\ \t\r\n");

    /// <summary>Why a bucket cannot have this name, or null.</summary>
    public static NatsError? CheckBucket(string bucket) =>
        bucket.Length is > 0 and <= MaxKeyLength && !bucket.AsSpan().ContainsAnyExcept(BucketLetters)
            ? null
            : new(NatsErrorKind.Invalid, $"`{bucket}` is no bucket: letters, digits, `_` and `-` were expected");

    /// <summary>Why this is no key, or null.</summary>
    public static NatsError? CheckKey(string key) =>
        IsShaped(key) && !key.AsSpan().ContainsAnyExcept(KeyLetters)
            ? null
            : new(NatsErrorKind.Invalid, $"`{key}` is no key: up to {MaxKeyLength} letters, digits and -/_=. were expected, no dot at an end and none after another");

    /// <summary>Why this selects no keys, or null: a key in which <c>*</c> stands for one token and a last <c>&gt;</c> for all that follow.</summary>
    public static NatsError? CheckFilter(string filter)
    {
        var isShaped = IsShaped(filter) && !filter.AsSpan().ContainsAnyExcept(FilterLetters);
        if (isShaped)
        {
            foreach (var token in filter.AsSpan().Split('.'))
            {
                var text = filter.AsSpan()[token];
                isShaped &= text is "*" || !text.Contains('*');
                isShaped &= text is ">" ? token.End.Value == filter.Length : !text.Contains('>');
            }
        }

        return isShaped ? null : new(NatsErrorKind.Invalid, $"`{filter}` selects no keys: a key was expected in which `*` stands for one token and a last `>` for all that follow");
    }

    /// <summary>True when a filter means one key.</summary>
    internal static bool IsLiteral(string filter) => filter.AsSpan().IndexOfAny('*', '>') < 0;

    internal static NatsError? CheckStream(string stream) =>
        stream.Length is > 0 and <= MaxKeyLength && !stream.AsSpan().ContainsAny(NotInStreams)
            ? null
            : new(NatsErrorKind.Invalid, $"`{stream}` is no name of a stream: no dots, blanks, slashes and wildcards were expected");

    private static bool IsShaped(string key) =>
        key.Length is > 0 and <= MaxKeyLength && key[0] != '.' && key[^1] != '.' && !key.Contains("..", StringComparison.Ordinal) && Ascii.IsValid(key);
}
