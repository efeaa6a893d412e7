namespace Gtc.EnvPacks;

/// <summary>Looks whether a folder can be written, by writing a file there and removing it.</summary>
internal static class FolderProbe
{
    /// <summary>Writes and removes.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What went wrong, or null.</returns>
    public static async Task<string?> FindFaultAsync(string path, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.new";
        try
        {
            await File.WriteAllTextAsync(temporary, "", cancellationToken);
            File.Move(temporary, path, overwrite: true);
            File.Delete(path);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message.TrimEnd('.');
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
