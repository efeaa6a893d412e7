namespace Gtc.Flows;

/// <summary>
/// What components reach beyond computing (flows-and-components.md §4): HTTP, secrets, settings and state. Every call says whose it is, so that
/// it can be checked against what the pack declared. Thread-safe. <see cref="DenyAll"/> gives nothing.
/// </summary>
public interface IComponentHost
{
    /// <summary>Sends a request.</summary>
    /// <returns>The response, or a fault with the code <c>denied</c> or <c>unavailable</c>.</returns>
    Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken);

    /// <summary>Reads a secret.</summary>
    /// <returns>Its value, or a fault with the code <c>not-found</c>, <c>denied</c>, <c>invalid-key</c> or <c>internal</c>.</returns>
    HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken);

    /// <summary>Writes a secret.</summary>
    /// <returns>Null, or a fault with the code <c>denied</c>, <c>invalid-key</c> or <c>internal</c>.</returns>
    HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>Reads a setting of the component's pack: its configuration, what was discovered, a secret, in this order.</summary>
    /// <returns>The value as JSON, null when there is none; or a fault with the code <c>invalid-key</c> or <c>internal</c>.</returns>
    HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken);

    /// <summary>Reads a value of the component's state.</summary>
    /// <returns>The value, or a fault with the code <c>not_found</c>, <c>unavailable</c>, <c>invalid-ctx</c> or <c>internal</c>.</returns>
    HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken);

    /// <summary>Writes a value of the component's state.</summary>
    /// <returns>Null, or the fault.</returns>
    HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>Deletes a value of the component's state.</summary>
    /// <returns>Null, or the fault.</returns>
    HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken);
}

/// <summary>Which component calls, in whose name.</summary>
/// <param name="Context">Where the flow runs.</param>
/// <param name="PackId">The pack.</param>
/// <param name="FlowId">The flow.</param>
/// <param name="NodeId">The node.</param>
/// <param name="ComponentId">The component.</param>
public sealed record ComponentCaller(FlowContext Context, string PackId, string FlowId, string NodeId, string ComponentId)
{
    /// <summary>What the pack says that the component needs; nothing else is granted to it.</summary>
    public DeclaredCapabilities Declares { get; init; } = DeclaredCapabilities.None;

    /// <summary>Whether it is no component of the pack but a node that the flow engine runs itself.</summary>
    public bool IsBuiltIn { get; init; }
}

/// <summary>A request of a component.</summary>
/// <param name="Method">The method, such as <c>GET</c>.</param>
/// <param name="Url">The URL as written.</param>
/// <param name="Headers">Names and values, in order.</param>
/// <param name="Body">The body, or null.</param>
/// <param name="Timeout">How long the component is willing to wait, or null.</param>
public sealed record HostHttpRequest(
    string Method, string Url, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte>? Body, TimeSpan? Timeout)
{
    /// <summary>False when the component wants https alone. True grants it nothing: certificates are always checked.</summary>
    public bool? AllowsInsecure { get; init; }

    /// <summary>Whether the component wants the answer that redirects lead to.</summary>
    public bool FollowsRedirects { get; init; }
}

/// <summary>The response to it.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">Names and values, in order.</param>
/// <param name="Body">The body, or null.</param>
public sealed record HostHttpResponse(ushort Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte>? Body);

/// <summary>Why a host function gives nothing.</summary>
/// <param name="Code">A code that components decide on.</param>
/// <param name="Message">For people.</param>
public sealed record HostFault(string Code, string Message);

/// <summary>A value, or the fault.</summary>
/// <typeparam name="T">What success yields.</typeparam>
/// <param name="Value">Meaningful when <paramref name="Fault"/> is null.</param>
/// <param name="Fault">Why there is none, or null.</param>
public readonly record struct HostAnswer<T>(T? Value, HostFault? Fault)
{
    /// <summary>Wraps a value.</summary>
    public static implicit operator HostAnswer<T>(T value) => new(value, null);

    /// <summary>Wraps a fault.</summary>
    public static implicit operator HostAnswer<T>(HostFault fault) => new(default, fault);
}
