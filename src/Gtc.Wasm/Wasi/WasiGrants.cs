using System.Collections.Immutable;

namespace Gtc.Wasm.Wasi;

/// <summary>What a guest gets of the system beyond computing: nothing unless it is said here. Time and random numbers are not kept from guests.</summary>
public sealed record WasiGrants
{
    /// <summary>Nothing.</summary>
    public static WasiGrants None { get; } = new();

    /// <summary>Environment variables.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Arguments, the program's name first.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>What the guest reads from standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Bytes the guest may write to standard output and standard error together; one more stops it.</summary>
    public int OutputBytes { get; init; } = 1 << 20;

    /// <summary>Receives what the guest writes to standard output, as it comes.</summary>
    public Action<ReadOnlySpan<byte>>? Output { get; init; }

    /// <summary>Receives what the guest writes to standard error, as it comes.</summary>
    public Action<ReadOnlySpan<byte>>? Errors { get; init; }

    /// <summary>Folders the guest may use.</summary>
    public ImmutableArray<WasiFolder> Folders { get; init; } = [];

    /// <summary>Bytes the guest may write to files, all together; growing a file counts as writing its whole size.</summary>
    public long FileBytes { get; init; } = 64 << 20;

    /// <summary>Sends HTTP requests of the guest, or refuses them; null refuses all.</summary>
    public WasiHttpPolicy? Http { get; init; }

    /// <summary>Bytes of a request or response body.</summary>
    public int HttpBodyBytes { get; init; } = 8 << 20;
}

/// <summary>A folder for a guest. Paths inside that lead out of it, by <c>..</c> or by symbolic links, are refused by the system itself.</summary>
/// <param name="GuestPath">The name the guest knows it by, such as <c>/</c>.</param>
/// <param name="HostPath">Where it is.</param>
/// <param name="IsWritable">True when the guest may create, change and delete what is in it.</param>
public sealed record WasiFolder(string GuestPath, string HostPath, bool IsWritable);

/// <summary>Sends a request that a guest makes, if it is allowed.</summary>
/// <param name="request">The request.</param>
/// <param name="cancellationToken">Cancelled when the guest drops the request or ends.</param>
/// <returns>The response, or why there is none.</returns>
public delegate Task<WasiHttpAnswer> WasiHttpPolicy(WasiHttpRequest request, CancellationToken cancellationToken);

/// <summary>A request of a guest.</summary>
/// <param name="Method">The method, such as <c>GET</c>.</param>
/// <param name="Scheme">The scheme, such as <c>https</c>.</param>
/// <param name="Authority">Host and port.</param>
/// <param name="PathWithQuery">Path and query.</param>
/// <param name="Headers">Names and values, in order.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Timeout">How long the guest is willing to wait for the first byte; null for no limit of its own.</param>
public sealed record WasiHttpRequest(
    string Method,
    string Scheme,
    string Authority,
    string PathWithQuery,
    ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> Headers,
    ReadOnlyMemory<byte> Body,
    TimeSpan? Timeout);

/// <summary>What became of a request.</summary>
public abstract record WasiHttpAnswer
{
    private WasiHttpAnswer()
    {
    }

    /// <summary>A response.</summary>
    /// <param name="Status">The status code.</param>
    /// <param name="Headers">Names and values, in order.</param>
    /// <param name="Body">The whole body.</param>
    public sealed record Response(
        ushort Status, ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> Headers, ReadOnlyMemory<byte> Body) : WasiHttpAnswer;

    /// <summary>No response.</summary>
    /// <param name="Code">A case of <c>wasi:http/types error-code</c> that carries nothing, such as <c>HTTP-request-denied</c>.</param>
    public sealed record Failure(string Code) : WasiHttpAnswer;
}
