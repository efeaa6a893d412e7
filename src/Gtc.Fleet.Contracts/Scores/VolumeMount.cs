namespace Gtc.Fleet.Contracts;

/// <summary>What a volume's source is.</summary>
public enum VolumeSource
{
    /// <summary>A volume that podman keeps under a name.</summary>
    Named,

    /// <summary>An absolute path of the device.</summary>
    DevicePath,

    /// <summary>A file or folder of the score's own (<see cref="PodmanV0.Files"/>), written with a leading <c>./</c>.</summary>
    ScoreFile,
}

/// <summary>A mount.</summary>
/// <param name="Kind">What the source is.</param>
/// <param name="Source">The volume's name, the path, or the path below the deployment's folder without <c>./</c>.</param>
/// <param name="Target">Where in the container, absolute.</param>
/// <param name="IsReadOnly">Whether the container may only read it.</param>
public sealed record VolumeMount(VolumeSource Kind, string Source, string Target, bool IsReadOnly)
{
    /// <summary>What is expected, for refusals.</summary>
    public const string Grammar = "name-or-path:/path[:ro], e.g. cache:/var/cache, /srv/www:/www:ro or ./app.json:/etc/app.json:ro";

    private const int MaxPath = 1024;

    /// <summary>Reads <c>name-or-path:/path[:ro]</c>.</summary>
    /// <returns>Null when it is not of that form.</returns>
    public static VolumeMount? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || (parts.Length == 3 && parts[2] is not ("ro" or "rw")) || !IsAbsolute(parts[1]))
        {
            return null;
        }

        var isReadOnly = parts.Length == 3 && parts[2] == "ro";
        var source = parts[0];
        return source.StartsWith("./", StringComparison.Ordinal)
            ? source.Length == 2 || IsRelative(source[2..]) ? new(VolumeSource.ScoreFile, source[2..], parts[1], isReadOnly) : null
            : source.StartsWith('/') ? IsAbsolute(source) ? new(VolumeSource.DevicePath, source, parts[1], isReadOnly) : null
            : IsVolumeName(source) ? new(VolumeSource.Named, source, parts[1], isReadOnly)
            : null;
    }

    /// <summary>Whether a path is below a folder, whatever the folder is: no empty, <c>.</c> or <c>..</c> part, and only <c>[A-Za-z0-9._-]</c>.</summary>
    internal static bool IsRelative(string path) =>
        path.Length is > 0 and <= 200
        && path.Split('/').All(part => part is not ("" or "." or "..") && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'));

    private static bool IsAbsolute(string path) =>
        path.Length is > 0 and <= MaxPath && path[0] == '/' && !path.Any(char.IsControl) && !path.Split('/').Contains("..");

    private static bool IsVolumeName(string name) =>
        name.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}
