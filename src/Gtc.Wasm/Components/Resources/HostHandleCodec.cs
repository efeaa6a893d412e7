namespace Gtc.Wasm.Components;

/// <summary>A handle to one of the host's own resources, seen as the object itself.</summary>
internal sealed class HostHandleCodec<T>(HostResourceType<T> resource, bool borrowed)
    : Codec<T>(borrowed ? WitType.BorrowOf(resource) : WitType.OwnOf(resource))
    where T : class
{
    internal override T Read(ref ValueReader reader)
    {
        var handles = reader.Call.Instance.Handles;
        var handle = reader.Word();
        return (T)(borrowed ? handles.LendContent(handle, resource, reader.Call) : handles.TakeContent(handle, resource)).Host!;
    }

    internal override void Write(ref ValueWriter writer, T value)
    {
        var handles = writer.Call.Instance.Handles;
        var content = new ResourceContent(resource, value, 0);
        writer.Word(borrowed ? handles.AddBorrowed(content, writer.Call) : handles.AddOwned(content));
    }
}
