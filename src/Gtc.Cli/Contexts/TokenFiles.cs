using System.Text;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Contexts;

/// <summary>Files that hold a bearer token and nothing else.</summary>
internal static class TokenFiles
{
    private const int MaxBytes = 16 << 10;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The token of a file that nobody but its owner can read.</summary>
    /// <param name="path">The file, absolute.</param>
    public static Outcome<string> Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
            {
                return new Refusal.InvalidArgument($"token file {path} can be read by others than its owner") { Next = $"chmod 600 {path}" };
            }

            return Read(file, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"token file {path} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The token of a stream.</summary>
    public static Outcome<string> Read(Stream stream, string name)
    {
        var buffer = new byte[MaxBytes + 1];
        return Of(buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)), name);
    }

    /// <summary>A token as it was given; it must fit into a header.</summary>
    public static Outcome<string> Of(ReadOnlySpan<byte> given, string name)
    {
        var token = Encoding.UTF8.GetString(given).Trim();
        return token.Length is > 0 and <= MaxBytes && token.All(character => character is > ' ' and < '\x7f')
            ? token
            : new Refusal.InvalidArgument($"{name} must hold one token of 1 to {MaxBytes:N0} visible characters");
    }

    /// <summary>Removes a token's file.</summary>
    /// <returns>Null on success, also when there was none.</returns>
    public static Refusal? Remove(string path)
    {
        try
        {
            File.Delete(path);
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"token file {path} cannot be removed: {error.Message.TrimEnd('.')}") { Next = $"rm {path}" };
        }
    }

    /// <summary>Writes a token so that only its owner can read it.</summary>
    public static Refusal? Write(string path, string token, RandomFill random) =>
        new AtomicFile(new RandomSource(random)).Write(path, Encoding.UTF8.GetBytes(token + "\n"), AtomicFile.Private);
}
