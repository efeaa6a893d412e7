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

    /// <summary>The pack.</summary>
    public PackFile Pack => pack;

    private string PackId => pack.Manifest.PackId;

    /// <summary>Calls a component.</summary>
    /// <exception cref="FlowFault">There is no such component, or it cannot be run at all.</exception>
    /// <exception cref="ComponentFault">It failed.</exception>
    public JsonElement Call(ComponentInvocation invocation, TimeSpan within, CancellationToken cancellationToken)
    {
        var id = invocation.Caller.ComponentId;
        var member = Member(id, invocation.Caller.NodeId);
        var prepared = _prepared.GetOrAdd(id, _ => new(() => Prepare(id, member))).Value;
        if (prepared is not { Linked: { } linked, Abi: { } abi, Type: { } type })
        {
            throw new FlowFault(prepared.Reason!);
        }

        var seat = new HostImports.HostSeat(options.Host, invocation.Caller, logger);
        using var system = new WasiContext(Grants(invocation.Caller), options.Time, RandomNumberGenerator.Fill);
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
            var returned = instance.Invoke(abi.Interface, abi.Function, abi.Arguments(type, invocation), new CallLimits(left > TimeSpan.Zero ? left : TimeSpan.Zero), cancellationToken);
            return returned.TryGet(out var value, out error) ? abi.Answer(Shape.Read(type.Result, value)) : throw Stopped(error, within, cancellationToken);
        }
    }

    private static ComponentFault Stopped(WasmError error, TimeSpan within, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return error.Trap?.Kind == TrapKind.DeadlineExceeded
            ? new("DEADLINE_EXCEEDED", $"it was stopped after {within.TotalSeconds:0.###} s")
            : new("COMPONENT_TRAPPED", error.Trap is { Exception: { } thrown } ? thrown.Message : error.Message);
    }

    private WasiGrants Grants(ComponentCaller caller) => WasiGrants.None with
    {
        Output = bytes => ComponentLog.Write(logger, caller, bytes),
        Errors = bytes => ComponentLog.Write(logger, caller, bytes),
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

        if (ComponentAbi.Of(component) is not { } abi)
        {
            var exported = string.Join(", ", component.ExportItems.Select(export => export.Name));
            return new($"component `{id}` of pack `{PackId}` exports none of {ComponentAbi.Known}; it exports {(exported.Length == 0 ? "nothing" : exported)}");
        }

        return component.Link(HostImports.For(component)).TryGet(out var linked, out error)
            ? new(null) { Linked = linked, Abi = abi, Type = abi.Type(component) }
            : new($"component `{id}` of pack `{PackId}` needs what this host does not have: {error.Message}");
    }

    /// <summary>A component that can be instantiated, or the reason why it cannot.</summary>
    private sealed record Prepared(string? Reason)
    {
        public ILinkedComponent? Linked { get; init; }

        public ComponentAbi? Abi { get; init; }

        public WitFunctionType? Type { get; init; }
    }
}
