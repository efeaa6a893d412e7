using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>How a command ended.</summary>
internal enum SpecEnding
{
    Done,
    Refused,
    Unlinkable,
    Trapped,
    Exhausted,

    /// <summary>It used up what the runner allows, which no assertion expects.</summary>
    Stopped,
}

/// <summary>What came of loading a module or of an action.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="Message">Why, unless it is done.</param>
/// <param name="Values">The results of an action.</param>
/// <param name="Instance">What was instantiated.</param>
/// <param name="Error">Why a module was refused.</param>
internal sealed record SpecOutcome(
    SpecEnding Ending, string Message = "", Value[]? Values = null, ISpecInstance? Instance = null, WasmError? Error = null);

/// <summary>Something that runs modules. References are passed as objects: null, a boxed uint for a reference of the host, anything for a function.</summary>
internal interface ISpecEngine
{
    /// <summary>Makes a module ready and gives it what it imports.</summary>
    /// <param name="module">Its bytes.</param>
    /// <param name="registered">The instances that imports may name, "spectest" not among them.</param>
    SpecOutcome Instantiate(ReadOnlyMemory<byte> module, IReadOnlyDictionary<string, ISpecInstance> registered);
}

/// <summary>A module that runs.</summary>
internal interface ISpecInstance
{
    /// <summary>Calls an exported function.</summary>
    SpecOutcome Invoke(string field, Value[] arguments);

    /// <summary>Reads an exported global.</summary>
    SpecOutcome Get(string field);

    /// <summary>A copy of an exported memory; empty when there is none of that name.</summary>
    byte[] Memory(string field);
}
