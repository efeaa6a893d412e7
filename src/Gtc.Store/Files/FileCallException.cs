using System.Runtime.InteropServices;

namespace Gtc.Store;

/// <summary>A system call failed. It is turned into a refusal at the store's boundary and never leaves this project.</summary>
/// <param name="call">The call, e.g. <c>fsync</c>.</param>
/// <param name="path">What it was about.</param>
/// <param name="errno">The error number.</param>
internal sealed class FileCallException(string call, string path, int errno)
    : Exception($"{call} {path}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public string Call => call;

    public string Path => path;

    public int Errno => errno;
}
