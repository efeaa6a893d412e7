namespace Gtc.Wasm.Components;

/// <summary>A handle to a resource in the hands of the host: owned, or borrowed for the time of the call it came with.</summary>
public sealed class ComponentResource
{
    private bool _given;

    internal ComponentResource(ResourceContent content, bool owned)
    {
        Content = content;
        IsOwned = owned;
    }

    /// <summary>The resource's type.</summary>
    public ResourceType Type => Content.Type;

    /// <summary>True when the holder must pass it on or drop it.</summary>
    public bool IsOwned { get; }

    internal ResourceContent Content { get; }

    /// <summary>Takes the content out to pass the ownership on, which works once.</summary>
    /// <exception cref="InvalidOperationException">It is borrowed, or was passed on already.</exception>
    internal ResourceContent Give()
    {
        if (!IsOwned || _given)
        {
            throw new InvalidOperationException(
                IsOwned ? $"This handle to {Type.Name} was passed on already." : $"A borrowed handle to {Type.Name} cannot be passed on as owned.");
        }

        _given = true;
        return Content;
    }

    /// <summary>True while the host may lend it on.</summary>
    internal bool IsUsable => !_given;
}
