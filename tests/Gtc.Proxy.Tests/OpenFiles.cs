using System.Runtime.InteropServices;

namespace Gtc.Proxy.Tests;

/// <summary>Lets this process open nothing more until it is disposed (setrlimit(2)): the bound is put at the lowest free descriptor.</summary>
internal sealed partial class OpenFiles : IDisposable
{
    private const int NumberOfFiles = 7;

    private readonly Limit _before;

    private OpenFiles()
    {
        using var probe = File.OpenHandle("/dev/null");
        _ = GetLimit(NumberOfFiles, out _before);
        _ = SetLimit(NumberOfFiles, _before with { Soft = 3 });
    }

    public static OpenFiles Exhaust() => new();

    public void Dispose() => _ = SetLimit(NumberOfFiles, _before);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(ulong Soft, ulong Hard);
}
