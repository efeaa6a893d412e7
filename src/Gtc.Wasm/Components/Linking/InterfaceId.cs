namespace Gtc.Wasm.Components;

/// <summary>The id of an interface, taken apart: name and version.</summary>
internal sealed record InterfaceId(string Text, string Path, string? Version)
{
    public static InterfaceId Parse(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? new(text, text, null) : new(text, text[..at], text[(at + 1)..]);
    }

    /// <summary>
    /// True when one version can serve the other: the same first number, or below 1.0 the same first two. Versions before a release are only
    /// compatible with themselves. Whether every function is there with its type is checked one by one.
    /// </summary>
    public bool IsCompatibleWith(InterfaceId other)
    {
        if (Path != other.Path)
        {
            return false;
        }

        if (Version == other.Version)
        {
            return true;
        }

        return Version is not null && other.Version is not null && Track(Version) is { } track && track == Track(other.Version);
    }

    private static string? Track(string version)
    {
        var parts = version.Split('+')[0].Split('.');
        if (parts.Length != 3 || !Array.TrueForAll(parts, part => part.Length > 0 && part.All(char.IsAsciiDigit)))
        {
            return null;
        }

        return parts[0] != "0" ? parts[0] : parts[1] != "0" ? $"0.{parts[1]}" : null;
    }
}
