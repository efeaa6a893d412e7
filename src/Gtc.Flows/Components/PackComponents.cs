using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Wasm;
using Gtc.Wasm.Components;
using Gtc.Wasm.Wasi;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>The components of one pack. Each is checked and linked when it is first called, and kept; every call gets an instance of its own.</summary>
internal sealed class PackComponents(PackFile pack, FlowOptions options, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Lazy<Prepared>> _prepared = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DeclaredCapabilities> _declared = new(StringComparer.Ordinal);

    /// <summary>The pack.</summary>
    public PackFile Pack => pack;

    /// <summary>The name by which environments know the pack: the stem of its file.</summary>
    public string PackName { get; } = Path.GetFileNameWithoutExtension(pack.Label);

    private string PackId => pack.Manifest.PackId;

    /// <summary>Says who calls when a component of this pack runs.</summary>
    public ComponentCaller Caller(FlowContext context, string flowId, string nodeId, string componentId) =>
        new(context, PackId, flowId, nodeId, componentId) { Declares = _declared.GetOrAdd(componentId, id => DeclaredCapabilities.Of(pack.Manifest, id)) };

    /// <summary>Runs a node's component.</summary>
    /// <exception cref="FlowFault">There is no such component, or it cannot be run at all.</exception>
    /// <exception cref="ComponentFault">It failed.</exception>
    public JsonElement Call(ComponentInvocation invocation, TimeSpan within, CancellationToken cancellationToken)
    {
        var linked = Linked(invocation.Caller);
        if (ComponentAbi.Of(linked.Component) is not { } abi || abi.Type(linked.Component) is not { } type)
        {
            var exported = string.Join(", ", linked.Component.ExportItems.Select(export => export.Name));
            throw new FlowFault(
                $"component `{invocation.Caller.ComponentId}` of pack `{PackId}` exports none of {ComponentAbi.Known}; it exports {(exported.Length == 0 ? "nothing" : exported)}");
        }

        var returned = Run(
            linked,
            invocation.Caller,
            within,
            (instance, limits) => instance.Invoke(abi.Interface, abi.Function, abi.Arguments(type, invocation), limits, cancellationToken),
            cancellationToken);
        return abi.Answer(Shape.Read(type.Result, returned));
    }

    /// <summary>Calls a function that a component exports besides.</summary>
    /// <exception cref="FlowFault">There is no such component, it cannot be run at all, or it has no such function.</exception>
    /// <exception cref="ComponentFault">It failed.</exception>
    public TResult? Call<TArguments, TResult>(
        ComponentCaller caller, FunctionBinding<TArguments, TResult> function, TArguments arguments, TimeSpan within, CancellationToken cancellationToken)
    {
        var linked = Linked(caller);
        return function.Mismatch(linked.Component) is { } reason
            ? throw new FlowFault($"component `{caller.ComponentId}` of pack `{PackId}` cannot be asked: {reason}")
            : Run(linked, caller, within, (instance, limits) => instance.Invoke(function, arguments, limits, cancellationToken), cancellationToken);
    }

    /// <summary>Whether a component exports a function.</summary>
    /// <exception cref="FlowFault">There is no such component, or it cannot be run at all.</exception>
    public bool Exports<TArguments, TResult>(ComponentCaller caller, FunctionBinding<TArguments, TResult> function) => function.Mismatch(Linked(caller).Component) is null;

    /// <summary>Does everything that is done before a component runs for the first time.</summary>
    /// <exception cref="FlowFault">There is no such component, or it cannot be run at all.</exception>
    public IComponent Check(string componentId) => Linked(componentId, "-").Component;

    private ILinkedComponent Linked(ComponentCaller caller) => Linked(caller.ComponentId, caller.NodeId);

    private ILinkedComponent Linked(string componentId, string nodeId)
    {
        var member = Member(componentId, nodeId);
        var prepared = _prepared.GetOrAdd(componentId, _ => new(() => Prepare(componentId, member))).Value;
        return prepared.Linked ?? throw new FlowFault(prepared.Reason!);
    }

    private T? Run<T>(
        ILinkedComponent linked, ComponentCaller caller, TimeSpan within, Func<IComponentInstance, CallLimits, WasmResult<T?>> call, CancellationToken cancellationToken)
    {
        var seat = new HostImports.HostSeat(options.Host, caller, options.Limits, logger);
        using var system = new WasiContext(Grants(seat), options.Time, RandomNumberGenerator.Fill);
        var started = options.Time.GetTimestamp();
        var instantiated = linked.Instantiate(
            new ComponentOptions { Limits = new StoreLimits { MemoryBytes = options.Limits.ComponentMemoryBytes }, Time = options.Time, State = [seat, system] },
            new CallLimits(within),
            cancellationToken);
        if (!instantiated.TryGet(out var instance, out var error))
        {
            throw Stopped(error, within, cancellationToken);
        }

        using (instance)
        {
            var left = within - options.Time.GetElapsedTime(started);
            var returned = call(instance, new CallLimits(left > TimeSpan.Zero ? left : TimeSpan.Zero));
            return returned.IsOk ? returned.Value : throw Stopped(returned.Error!, within, cancellationToken);
        }
    }

    private static ComponentFault Stopped(WasmError error, TimeSpan within, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return error.Trap?.Kind == TrapKind.DeadlineExceeded
            ? new("DEADLINE_EXCEEDED", $"it was stopped after {within.TotalSeconds:0.###} s")
            : new("COMPONENT_TRAPPED", error.Trap is { Exception: { } thrown } ? thrown.Message : error.Message);
    }

    private static WasiGrants Grants(HostImports.HostSeat seat) => WasiGrants.None with
    {
        Output = bytes => ComponentLog.Write(seat, bytes),
        Errors = bytes => ComponentLog.Write(seat, bytes),
        Http = new WasiRequests(seat).SendAsync,
    };

    // Where the file is: as a legacy manifest says, else by id, else the older spelling with the version (bundle-format.md §3.1).
    private string Member(string id, string nodeId)
    {
        var entry = pack.Manifest.Components.FirstOrDefault(component => component.Id == id);
        var written = entry is { Definition.ValueKind: JsonValueKind.Object } && entry.Definition.TryGetProperty("file_wasm", out var file) && file.ValueKind == JsonValueKind.String
            ? file.GetString()
            : null;
        string?[] candidates = [written, $"components/{id}.wasm", entry is null ? null : $"components/{id}@{entry.Version}/component.wasm"];
        var found = candidates.FirstOrDefault(candidate => candidate is not null && pack.Contains(candidate));
        return found ?? throw new FlowFault(entry is null
            ? $"component `{id}` (node `{nodeId}`) is not in pack `{PackId}`"
            : $"component `{id}` (node `{nodeId}`) is listed in pack `{PackId}`, but the pack has no components/{id}.wasm");
    }

    private Prepared Prepare(string id, string member)
    {
        if (!pack.Read(member).TryGet(out var bytes, out var refusal))
        {
            return new($"component `{id}` of pack `{PackId}` cannot be read: {refusal.Message}");
        }

        if (!ComponentEngine.IsComponent(bytes))
        {
            return new($"component `{id}` of pack `{PackId}` is not a WebAssembly component (a core module, or another file)");
        }

        if (!options.Engine.Load(bytes).TryGet(out var component, out var error))
        {
            return new($"component `{id}` of pack `{PackId}` is not sound: {error}");
        }

        return component.Link(HostImports.For(component)).TryGet(out var linked, out error)
            ? new(null, linked)
            : new($"component `{id}` of pack `{PackId}` needs what this host does not have: {error.Message}");
    }

    /// <summary>A component that can be instantiated, or the reason why it cannot.</summary>
    private sealed record Prepared(string? Reason, ILinkedComponent? Linked = null);
}
