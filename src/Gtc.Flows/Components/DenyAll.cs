namespace Gtc.Flows;

/// <summary>Gives components nothing: HTTP is denied, no secret or setting is found, state is unavailable.</summary>
public sealed class DenyAll : IComponentHost
{
    private static readonly HostFault NoState = new("unavailable", "no state store is granted to this component");

    private DenyAll()
    {
    }

    /// <summary>The only one.</summary>
    public static DenyAll Instance { get; } = new();

    /// <inheritdoc/>
    public Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<HostAnswer<HostHttpResponse>>(new HostFault("denied", "no HTTP is granted to this component"));

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
        new HostFault("not-found", "no secret is granted to this component");

    /// <inheritdoc/>
    public HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        new("denied", "no secret is granted to this component");

    /// <inheritdoc/>
    public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken) => (string?)null;

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) => NoState;

    /// <inheritdoc/>
    public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => NoState;

    /// <inheritdoc/>
    public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) => NoState;
}
