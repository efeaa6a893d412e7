using System.Buffers.Binary;

namespace Gtc.Wasm;

/// <summary>A linear memory. The spans that it gives are valid until its store is closed; growth does not move them.</summary>
public sealed unsafe class WasmMemory : WasmExternal
{
    // Compiled code reads these two. The address never changes until the store is closed; the length only grows.
    internal byte* Start;
    internal ulong Length;

    private readonly MemoryReservation _reservation;
    private readonly uint _most;

    private WasmMemory(WasmStore store, MemoryType type, MemoryReservation reservation, uint most)
        : base(store)
    {
        Type = type;
        _reservation = reservation;
        _most = most;
        Start = reservation.Address;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Memory;

    /// <summary>The type that it was made with.</summary>
    public MemoryType Type { get; }

    /// <summary>Its size in pages of 64 KiB.</summary>
    public uint Pages => (uint)(Length / MemoryType.PageBytes);

    /// <summary>Its size in bytes.</summary>
    public ulong ByteLength => Length;

    /// <summary>Makes a memory, filled with zeros.</summary>
    /// <returns>The memory, or that the store's limits or the system do not allow it.</returns>
    public static WasmResult<WasmMemory> Create(WasmStore store, MemoryType type)
    {
        ArgumentNullException.ThrowIfNull(store);
        ObjectDisposedException.ThrowIf(store.IsDisposed, store);
        var allowed = (uint)Math.Min(MemoryType.MostPages, store.Limits.MemoryBytes / MemoryType.PageBytes);
        var most = Math.Min(type.Size.Maximum ?? MemoryType.MostPages, allowed);
        if (type.Size.Minimum > most || !store.TryTakeMemory((long)type.Size.Minimum * MemoryType.PageBytes))
        {
            return new WasmError(WasmErrorKind.TooLarge, -1, $"a memory of {type.Size.Minimum} pages does not fit in what the store has left of {store.Limits.MemoryBytes} bytes");
        }

        // A range is never empty, so that every memory has an address.
        var reservation = MemoryReservation.Reserve(Math.Max(1UL, most) * MemoryType.PageBytes);
        if (reservation is null)
        {
            store.GiveBackMemory((long)type.Size.Minimum * MemoryType.PageBytes);
            return new WasmError(WasmErrorKind.TooLarge, -1, $"the system has no address range for a memory of up to {most} pages");
        }

        var memory = new WasmMemory(store, type, reservation, most);
        var length = (ulong)type.Size.Minimum * MemoryType.PageBytes;
        if (!reservation.TryOpen(0, length))
        {
            reservation.Dispose();
            store.GiveBackMemory((long)length);
            return new WasmError(WasmErrorKind.TooLarge, -1, $"the system has no memory for {type.Size.Minimum} pages");
        }

        memory.Length = length;
        store.Keep(memory);
        return memory;
    }

    /// <summary>Adds pages, filled with zeros.</summary>
    /// <returns>The size before, in pages; or -1 when a limit or the system does not allow it, and then nothing has changed.</returns>
    public int Grow(uint pages)
    {
        var before = Pages;
        if (pages > _most - before || _reservation.IsClosed)
        {
            return -1;
        }

        var bytes = (long)pages * MemoryType.PageBytes;
        if (!Store.TryTakeMemory(bytes))
        {
            return -1;
        }

        if (!_reservation.TryOpen(Length, Length + (ulong)bytes))
        {
            Store.GiveBackMemory(bytes);
            return -1;
        }

        Length += (ulong)bytes;
        return (int)before;
    }

    /// <summary>A part of the memory.</summary>
    /// <returns>False when it is not wholly inside, or longer than a span can be.</returns>
    public bool TrySpan(ulong address, ulong length, out Span<byte> span)
    {
        if (length > Length || address > Length - length || length > int.MaxValue)
        {
            span = default;
            return false;
        }

        span = new Span<byte>(Start + address, (int)length);
        return true;
    }

    /// <summary>A part of the memory.</summary>
    /// <exception cref="WasmTrapException">It is not wholly inside: <see cref="TrapKind.MemoryOutOfBounds"/>.</exception>
    public Span<byte> Span(uint address, uint length) =>
        TrySpan(address, length, out var span) ? span : throw new WasmTrapException(WasmTrap.Of(TrapKind.MemoryOutOfBounds));

    /// <summary>Reads a number of 32 bits.</summary>
    /// <exception cref="WasmTrapException">It is not wholly inside.</exception>
    public int ReadI32(uint address) => BinaryPrimitives.ReadInt32LittleEndian(Span(address, sizeof(int)));

    /// <summary>Writes a number of 32 bits.</summary>
    /// <exception cref="WasmTrapException">It is not wholly inside.</exception>
    public void WriteI32(uint address, int value) => BinaryPrimitives.WriteInt32LittleEndian(Span(address, sizeof(int)), value);

    internal void Release()
    {
        Length = 0;
        Start = null;
        _reservation.Dispose();
    }

    /// <summary>True when it may stand where the type is asked for.</summary>
    internal bool Matches(MemoryType wanted) =>
        Pages >= wanted.Size.Minimum && (wanted.Size.Maximum is not { } most || (Type.Size.Maximum is { } mine && mine <= most));
}
