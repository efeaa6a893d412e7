using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>The rule for a single name, shared by reader and writer.</summary>
internal static class EntryName
{
    /// <summary>Longest name in UTF-8 bytes, as in every Linux file system.</summary>
    public const int MaxBytes = 255;

    // '/' and NUL on Linux; elsewhere also what that platform would read as a path.
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(Path.GetInvalidFileNameChars());

    public static string Decode(ReadOnlySpan<byte> name)
    {
        if (!Utf8.IsValid(name))
        {
            throw ImageFault.Malformed("a name is not UTF-8", "valid UTF-8", Convert.ToHexStringLower(name));
        }

        var text = Encoding.UTF8.GetString(name);
        return Fault(text) is { } fault
            ? throw ImageFault.Malformed($"a name {fault}", "a plain file name", $"\"{Printable(text)}\"")
            : text;
    }

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? Fault(string name) => name switch
    {
        "" => "is empty",
        "." or ".." => "walks the tree",
        _ when name.AsSpan().ContainsAny(NotInNames) => "holds a separator or NUL",
        _ when Encoding.UTF8.GetByteCount(name) > MaxBytes => $"is longer than {MaxBytes} bytes",
        _ => null,
    };

    private static string Printable(string name) =>
        string.Concat(name.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : character.ToString()));
}
