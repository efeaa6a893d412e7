using System.Collections.Immutable;
using System.Text;

namespace Gtc.Wasm.Wasi;

/// <summary>The cases of <c>header-error</c>.</summary>
internal enum HeaderFault
{
    InvalidSyntax = 0,
    Forbidden = 1,
    Immutable = 2,
}

/// <summary>Header fields: names without regard to case, values as bytes, in order.</summary>
internal sealed class HttpFields
{
    private const int MostBytes = 256 * 1024;
    private static readonly HashSet<string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "transfer-encoding", "upgrade", "http2-settings", "host",
    };

    private readonly List<KeyValuePair<string, ReadOnlyMemory<byte>>> _entries = [];
    private bool _isImmutable;
    private int _bytes;

    public ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> Entries => [.. _entries];

    /// <summary>Fields of a message that came in or is on its way out; they do not change any more.</summary>
    public static HttpFields Frozen(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        var fields = new HttpFields();
        fields._entries.AddRange(entries);
        fields._isImmutable = true;
        return fields;
    }

    public HttpFields Clone()
    {
        var clone = new HttpFields { _bytes = _bytes };
        clone._entries.AddRange(_entries);
        return clone;
    }

    public IEnumerable<ReadOnlyMemory<byte>> Get(string name) => _entries.Where(entry => Same(entry.Key, name)).Select(entry => entry.Value);

    /// <returns>Why not, or null.</returns>
    public HeaderFault? Append(string name, ReadOnlyMemory<byte> value)
    {
        if (Check(name) is { } fault)
        {
            return fault;
        }

        if (value.Span.ContainsAny((byte)'\r', (byte)'\n', (byte)0))
        {
            return HeaderFault.InvalidSyntax;
        }

        _bytes += name.Length + value.Length;
        if (_bytes > MostBytes)
        {
            throw Components.HostCall.Trap($"header fields of more than {MostBytes} bytes");
        }

        _entries.Add(new(name, value.ToArray()));
        return null;
    }

    /// <returns>Why not, or null.</returns>
    public HeaderFault? Delete(string name)
    {
        if (Check(name) is { } fault)
        {
            return fault;
        }

        _entries.RemoveAll(entry => Same(entry.Key, name));
        _bytes = _entries.Sum(entry => entry.Key.Length + entry.Value.Length);
        return null;
    }

    private HeaderFault? Check(string name) =>
        _isImmutable ? HeaderFault.Immutable
        : name.Length == 0 || !Ascii.IsValid(name) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)) ? HeaderFault.InvalidSyntax
        : Forbidden.Contains(name) ? HeaderFault.Forbidden
        : null;

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
