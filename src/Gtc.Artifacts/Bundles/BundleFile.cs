using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>Reads a small document from an unpacked bundle: a regular file, never through a symbolic link, never more than the bound.</summary>
internal static class BundleFile
{
    /// <summary>Reads a file.</summary>
    /// <returns>The content, null when there is no such file, or a refusal.</returns>
    public static Outcome<byte[]?> Read(string bundleFolder, string relativePath, int maxBytes)
    {
        try
        {
            var file = new FileInfo(Path.Combine(bundleFolder, relativePath));
            if (!file.Exists)
            {
                return (byte[]?)null;
            }

            if (file.LinkTarget is not null)
            {
                return new Refusal.MalformedArtifact($"{relativePath} is a symbolic link");
            }

            if (file.Length > maxBytes)
            {
                return new Refusal.MalformedArtifact($"{relativePath} is larger than {maxBytes} bytes")
                {
                    Details = [new("found", $"{file.Length} bytes")],
                };
            }

            return File.ReadAllBytes(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{relativePath} cannot be read: {exception.Message}");
        }
    }
}
