namespace Gtc.Proxy.Native;

/// <summary>The errors of Linux that are told apart.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int AddressInUse = 98;
    public const int TooManyFilesOfSystem = 23;
    public const int TooManyFiles = 24;
    public const int InProgress = 115;
}
