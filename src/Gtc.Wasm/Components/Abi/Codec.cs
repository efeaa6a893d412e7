namespace Gtc.Wasm.Components;

/// <summary>
/// How a component value is seen in C#. A codec is made once, says which component type it stands for, and is shared by all calls and threads.
/// </summary>
/// <typeparam name="T">The C# type.</typeparam>
public abstract class Codec<T>
{
    private protected Codec(WitType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Type = type;
        Alignment = type.Alignment;
    }

    /// <summary>The component type.</summary>
    public WitType Type { get; }

    internal uint Alignment { get; }

    /// <summary>Reads a value at the reader's position and leaves the reader behind it.</summary>
    internal abstract T Read(ref ValueReader reader);

    /// <summary>Writes a value at the writer's position and leaves the writer behind it.</summary>
    internal abstract void Write(ref ValueWriter writer, T value);
}
