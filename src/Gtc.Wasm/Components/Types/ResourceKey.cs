namespace Gtc.Wasm.Components;

/// <summary>The identity of a resource type. Two resources are the same type only if they are the same object.</summary>
public abstract class ResourceKey : TypeEntity
{
    private protected ResourceKey(string name)
    {
        Name = name;
    }

    /// <summary>A name for messages; it plays no part in identity.</summary>
    public string Name { get; }
}

/// <summary>A resource type as one component definition sees it: a slot which every instance of that component fills.</summary>
internal sealed class ResourceVariable(string name, int slot) : ResourceKey(name)
{
    /// <summary>The slot in the instance's resource table, or -1 inside a type declaration, which no instance executes.</summary>
    public int Slot { get; } = slot;
}
