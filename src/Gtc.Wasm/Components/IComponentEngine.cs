using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>Runs WebAssembly components. <see cref="ComponentEngine"/> is this library's own; another can stand in its place. Thread-safe.</summary>
public interface IComponentEngine
{
    /// <summary>Decodes and checks a component, or finds the one with the same bytes. The bytes must not change afterwards.</summary>
    /// <returns>The component, or why the bytes are none.</returns>
    WasmResult<IComponent> Load(ReadOnlyMemory<byte> bytes);
}

/// <summary>A component that was checked. It has no state: any number of instances share it. Thread-safe.</summary>
public interface IComponent
{
    /// <summary>The SHA-256 of its bytes, in hexadecimal.</summary>
    string Digest { get; }

    /// <summary>What it needs, in order.</summary>
    ImmutableArray<ComponentItem> ImportItems { get; }

    /// <summary>What it gives, in order.</summary>
    ImmutableArray<ComponentItem> ExportItems { get; }

    /// <summary>Serves the imports and checks their types, once for all instances.</summary>
    /// <returns>A component ready to be instantiated, or one error that names every import that is missing or does not fit.</returns>
    WasmResult<ILinkedComponent> Link(ComponentLinker linker);
}

/// <summary>A component whose imports are served. Thread-safe.</summary>
public interface ILinkedComponent
{
    /// <summary>The component.</summary>
    IComponent Component { get; }

    /// <summary>Makes an instance with memory of its own; cheap enough to do for every call.</summary>
    /// <param name="options">What it may use and whom it serves.</param>
    /// <param name="limits">Bounds start functions, which run now.</param>
    /// <param name="cancellationToken">Ends start functions early.</param>
    /// <returns>The instance, or why it could not be made.</returns>
    WasmResult<IComponentInstance> Instantiate(ComponentOptions options, CallLimits limits, CancellationToken cancellationToken);
}

/// <summary>An instance of a component. One thread at a time may use it. After a trap it cannot be called again.</summary>
public interface IComponentInstance : IDisposable
{
    /// <summary>Calls a function over C# types.</summary>
    /// <returns>The result; or <see cref="WasmErrorKind.Trapped"/> when the guest trapped, ran out of time or was cancelled.</returns>
    /// <exception cref="ArgumentException">The component has no such function, or it has another type. <see cref="FunctionBinding{TArguments,TResult}.Mismatch"/> says so beforehand.</exception>
    WasmResult<TResult?> Invoke<TArguments, TResult>(
        FunctionBinding<TArguments, TResult> binding, TArguments arguments, CallLimits limits, CancellationToken cancellationToken);

    /// <summary>Calls a function over values of any type.</summary>
    /// <param name="interfaceName">The exported interface, or null for a function that is exported by itself.</param>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">One value per parameter.</param>
    /// <param name="limits">Bounds the call.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The result, null when the function has none.</returns>
    /// <exception cref="ArgumentException">The component has no such function, or the values do not fit its type.</exception>
    WasmResult<ComponentValue?> Invoke(
        string? interfaceName, string name, ImmutableArray<ComponentValue> arguments, CallLimits limits, CancellationToken cancellationToken);

    /// <summary>Drops a handle that a call returned: runs its destructor.</summary>
    /// <returns>Null, or the trap.</returns>
    WasmTrap? Drop(ComponentResource resource);
}

/// <summary>An import or export of a component.</summary>
/// <param name="Name">Its name; for an interface the id with version.</param>
/// <param name="Kind">What it is: function, instance, type, component or core module.</param>
/// <param name="Functions">The functions of an instance or the function itself, with their types.</param>
public sealed record ComponentItem(string Name, string Kind, ImmutableArray<(string Name, WitFunctionType Type)> Functions);
