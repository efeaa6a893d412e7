using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>Applies permission bits where the platform has them. Entries are made private and get their bits when they are complete.</summary>
internal static class Permissions
{
    private const UnixFileMode Plain = (UnixFileMode)0b111_111_111;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    public static FileStreamOptions NewFile()
    {
        // CreateNew is O_CREAT | O_EXCL: it neither overwrites nor follows a link in the last place.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile;
        }

        return options;
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, PrivateFolder);
        }
    }

    public static void ApplyToFile(SafeFileHandle file, int mode)
    {
        var wanted = ((UnixFileMode)mode & Plain) | PrivateFile;
        if (!OperatingSystem.IsWindows() && wanted != PrivateFile)
        {
            File.SetUnixFileMode(file, wanted);
        }
    }

    public static void ApplyToFolder(string path, int mode)
    {
        var wanted = ((UnixFileMode)mode & Plain) | PrivateFolder;
        if (!OperatingSystem.IsWindows() && wanted != PrivateFolder)
        {
            File.SetUnixFileMode(path, wanted);
        }
    }
}
