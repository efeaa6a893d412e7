namespace Gtc.Wasm.Components;

/// <summary>A resource type that exists: the host's, or one that a component instance defined when it was made.</summary>
public abstract class ResourceType : ResourceKey
{
    private protected ResourceType(string name)
        : base(name)
    {
    }

    /// <summary>Runs the destructor.</summary>
    internal abstract void Drop(ResourceContent content, ComponentInstanceState from);

    /// <summary>True when this instance sees representations where others see handles.</summary>
    internal virtual bool IsImplementedBy(ComponentInstanceState instance) => false;
}

/// <summary>What a handle stands for: the host's object, or the number that the implementing component chose.</summary>
internal readonly record struct ResourceContent(ResourceType Type, object? Host, uint Representation);

/// <summary>A resource type of the host. What guests hold are handles; the objects never leave the host.</summary>
/// <typeparam name="T">The host's objects.</typeparam>
/// <param name="name">The name in the interface, such as <c>input-stream</c>.</param>
/// <param name="dropped">Runs when the last owner drops the handle, or when the instance ends while it still holds it.</param>
public sealed class HostResourceType<T>(string name, Action<T>? dropped) : ResourceType(name)
    where T : class
{
    internal override void Drop(ResourceContent content, ComponentInstanceState from) => dropped?.Invoke((T)content.Host!);

    /// <summary>An owned handle to give to a guest.</summary>
    public ComponentResource Give(T value) => new(new ResourceContent(this, value, 0), owned: true);

    /// <summary>The object behind a handle.</summary>
    /// <exception cref="ArgumentException">The handle is of another type.</exception>
    public T Open(ComponentResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Type == this ? (T)resource.Content.Host! : throw new ArgumentException($"A handle to {Name} is needed, not one to {resource.Type.Name}.");
    }
}

/// <summary>A resource type that a component defines; every instance of the component makes one of its own.</summary>
internal sealed class GuestResourceType(string name, ComponentInstanceState owner, WasmFunction? destructor) : ResourceType(name)
{
    internal override void Drop(ResourceContent content, ComponentInstanceState from)
    {
        if (destructor is null)
        {
            return;
        }

        // A component may drop what it implements itself while it runs; from outside it must be at rest.
        var inside = ReferenceEquals(owner, from);
        if (!inside)
        {
            owner.Enter();
        }

        try
        {
            if (destructor.Invoke([content.Representation], []) is { } trap)
            {
                throw new WasmTrapException(trap);
            }
        }
        finally
        {
            if (!inside)
            {
                owner.Leave();
            }
        }
    }

    internal override bool IsImplementedBy(ComponentInstanceState instance) => ReferenceEquals(owner, instance);
}
