namespace Gtc.Proxy.Native;

/// <summary>The errors of Linux that are told apart.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AddressInUse = 98;
    public const int TooManyFilesOfSystem = 23;
    public const int TooManyFiles = 24;
    public const int AddressNotAvailable = 99;
    public const int NoBuffers = 105;
    public const int InProgress = 115;

    /// <summary>Whether this machine, and not the peer, is why a socket cannot be had.</summary>
    public static bool IsShortage(int error) => error is TooManyFiles or TooManyFilesOfSystem or NoMemory or NoBuffers or AddressNotAvailable;
}
