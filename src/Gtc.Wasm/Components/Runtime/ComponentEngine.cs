using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gtc.Wasm.Components;

/// <summary>Runs components with this library's own engine. Checked components are kept by digest for as long as somebody uses them.</summary>
public sealed class ComponentEngine : IComponentEngine
{
    private readonly ConcurrentDictionary<string, WeakReference<Component>> _known = new(StringComparer.Ordinal);

    /// <summary>An engine.</summary>
    /// <param name="limits">How large components and their core modules may be.</param>
    public ComponentEngine(WasmLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
    }

    /// <summary>How large components and their core modules may be.</summary>
    public WasmLimits Limits { get; }

    /// <summary>True when bytes begin as a component does (Binary.md: layer 1), false for core modules and anything else.</summary>
    public static bool IsComponent(ReadOnlySpan<byte> bytes) => ComponentDecoder.LooksLikeComponent(bytes);

    /// <inheritdoc/>
    public WasmResult<IComponent> Load(ReadOnlyMemory<byte> bytes)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        if (_known.TryGetValue(digest, out var reference) && reference.TryGetTarget(out var known))
        {
            return known;
        }

        try
        {
            var component = new Component(digest, ComponentDecoder.Decode(bytes, Limits));
            _known[digest] = new WeakReference<Component>(component);
            Forget();
            return component;
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    private void Forget()
    {
        foreach (var (digest, component) in _known)
        {
            if (!component.TryGetTarget(out _))
            {
                _known.TryRemove(new KeyValuePair<string, WeakReference<Component>>(digest, component));
            }
        }
    }
}
