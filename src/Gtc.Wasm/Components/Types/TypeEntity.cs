namespace Gtc.Wasm.Components;

/// <summary>Whatever a component's type index space can hold: a value type, a function type, an instance or component type, or a resource.</summary>
public abstract class TypeEntity
{
    private protected TypeEntity()
    {
    }
}
