namespace Gtc.Wasm.Components;

/// <summary>The handles of one component instance (CanonicalABI.md: handle tables). Index 0 is never given out; freed ones are used again.</summary>
internal sealed class HandleTable
{
    private Entry[] _entries = new Entry[8];
    private uint _next = 1;
    private uint _free;

    /// <summary>Handles in use.</summary>
    public int Count { get; private set; }

    public uint AddOwned(ResourceContent content) => Add(new Entry { Content = content, IsOwned = true });

    public uint AddBorrowed(ResourceContent content, AbiCall scope)
    {
        scope.Borrowed++;
        return Add(new Entry { Content = content, Scope = scope });
    }

    /// <summary>Moves an owned handle out of the table.</summary>
    public ComponentResource Take(uint handle, ResourceType type) => new(TakeContent(handle, type), owned: true);

    public ResourceContent TakeContent(uint handle, ResourceType type)
    {
        ref var entry = ref Find(handle, type);
        if (!entry.IsOwned)
        {
            throw ComponentTraps.Make($"handle {handle} to {type.Name} is borrowed and cannot be passed on as owned");
        }

        return Remove(handle);
    }

    /// <summary>Lends a handle for the time of a call.</summary>
    public ComponentResource Lend(uint handle, ResourceType type, AbiCall call) => new(LendContent(handle, type, call), owned: false);

    public ResourceContent LendContent(uint handle, ResourceType type, AbiCall call)
    {
        ref var entry = ref Find(handle, type);
        entry.Lent++;
        call.Lend(handle);
        return entry.Content;
    }

    /// <summary>The call to which the handle was lent is over.</summary>
    public void Return(uint handle) => _entries[handle].Lent--;

    /// <summary><c>resource.rep</c>.</summary>
    public uint Representation(uint handle, ResourceType type) => Find(handle, type).Content.Representation;

    /// <summary><c>resource.drop</c>.</summary>
    /// <returns>True when the handle was owned, so that the destructor must run.</returns>
    public bool Drop(uint handle, ResourceType type, out ResourceContent content)
    {
        ref var entry = ref Find(handle, type);
        var owned = entry.IsOwned;
        if (entry.Scope is { } scope)
        {
            scope.Borrowed--;
        }

        content = Remove(handle);
        return owned;
    }

    /// <summary>Whatever is still owned when the instance ends.</summary>
    public IEnumerable<ResourceContent> Owned()
    {
        for (uint i = 1; i < _next; i++)
        {
            if (_entries[i] is { InUse: true, IsOwned: true } entry)
            {
                yield return entry.Content;
            }
        }
    }

    private uint Add(Entry entry)
    {
        entry.InUse = true;
        uint handle;
        if (_free != 0)
        {
            handle = _free;
            _free = _entries[handle].NextFree;
        }
        else
        {
            handle = _next++;
            if (handle >= ComponentLimits.Handles)
            {
                throw ComponentTraps.Make($"more than {ComponentLimits.Handles} handles in one component instance");
            }

            if (handle >= _entries.Length)
            {
                Array.Resize(ref _entries, _entries.Length * 2);
            }
        }

        _entries[handle] = entry;
        Count++;
        return handle;
    }

    private ResourceContent Remove(uint handle)
    {
        ref var entry = ref _entries[handle];
        if (entry.Lent != 0)
        {
            throw ComponentTraps.Make($"handle {handle} to {entry.Content.Type.Name} is lent and cannot be given away or dropped");
        }

        var content = entry.Content;
        entry = new Entry { NextFree = _free };
        _free = handle;
        Count--;
        return content;
    }

    private ref Entry Find(uint handle, ResourceType type)
    {
        if (handle >= _next || !_entries[handle].InUse)
        {
            throw ComponentTraps.Make($"there is no handle {handle}");
        }

        ref var entry = ref _entries[handle];
        if (entry.Content.Type != type)
        {
            throw ComponentTraps.Make($"handle {handle} is to {entry.Content.Type.Name}, not to {type.Name}");
        }

        return ref entry;
    }

    private struct Entry
    {
        public ResourceContent Content;
        public AbiCall? Scope;
        public int Lent;
        public uint NextFree;
        public bool InUse;
        public bool IsOwned;
    }
}
