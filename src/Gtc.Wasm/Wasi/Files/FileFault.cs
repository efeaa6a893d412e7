using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm.Wasi;

/// <summary>The cases of <c>wasi:filesystem/types error-code</c> that occur here, with their numbers.</summary>
internal enum FileFault : uint
{
    Access = 0,
    BadDescriptor = 3,
    Busy = 4,
    Quota = 6,
    Exists = 7,
    TooLarge = 8,
    Invalid = 12,
    Io = 13,
    IsDirectory = 14,
    Loop = 15,
    TooManyLinks = 16,
    NameTooLong = 18,
    NoEntry = 20,
    NoSpace = 23,
    NotDirectory = 24,
    NotEmpty = 25,
    Unsupported = 27,
    NotPermitted = 31,
    ReadOnly = 33,
    CrossDevice = 36,
}

/// <summary>Ends an operation on files; the handlers turn it into the guest's error value.</summary>
[SuppressMessage("Design", "CA1032", Justification = "It always carries a code.")]
[SuppressMessage("Design", "CA1064", Justification = "It does not leave the library.")]
internal sealed class FileFaultException(FileFault fault) : Exception($"file operation failed: {fault}")
{
    public FileFault Fault { get; } = fault;

    public static FileFaultException OfErrno(int errno) => new(errno switch
    {
        1 => FileFault.NotPermitted,
        2 => FileFault.NoEntry,
        9 => FileFault.BadDescriptor,
        13 => FileFault.Access,
        16 => FileFault.Busy,
        17 => FileFault.Exists,

        // The system's word for a path that leads out of its folder.
        18 => FileFault.NotPermitted,
        20 => FileFault.NotDirectory,
        21 => FileFault.IsDirectory,
        22 => FileFault.Invalid,
        27 => FileFault.TooLarge,
        28 => FileFault.NoSpace,
        30 => FileFault.ReadOnly,
        31 => FileFault.TooManyLinks,
        36 => FileFault.NameTooLong,
        39 => FileFault.NotEmpty,
        40 => FileFault.Loop,
        122 => FileFault.Quota,
        _ => FileFault.Io,
    });
}
