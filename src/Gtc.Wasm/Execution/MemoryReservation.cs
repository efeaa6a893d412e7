using System.Runtime.InteropServices;

namespace Gtc.Wasm;

/// <summary>
/// A range of addresses that belongs to one linear memory. All of it is reserved at once and pages are opened as the memory grows, so that the first byte never moves
/// and compiled code may keep its address.
/// </summary>
internal sealed unsafe partial class MemoryReservation : SafeHandle
{
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
    private readonly nuint _length;

    private MemoryReservation(nint address, nuint length)
        : base(-1, ownsHandle: true)
    {
        SetHandle(address);
        _length = length;
    }

    public override bool IsInvalid => handle == -1;

    public byte* Address => (byte*)handle;

    /// <summary>Reserves a range; nothing of it can be touched yet.</summary>
    /// <returns>The range, or null when the system has none so large.</returns>
    public static MemoryReservation? Reserve(ulong length)
    {
        var address = Map(0, (nuint)length, NoAccess, PrivateAnonymousNoReserve, -1, 0);
        return address == -1 ? null : new MemoryReservation(address, (nuint)length);
    }

    /// <summary>Opens a part of the range, filled with zeros.</summary>
    /// <returns>False when the system has no memory for it.</returns>
    public bool TryOpen(ulong from, ulong to) => from == to || Protect(handle + (nint)from, (nuint)(to - from), ReadWrite) == 0;

    protected override bool ReleaseHandle() => Unmap(handle, _length) == 0;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
