namespace Gtc.Load;

/// <summary>A bundle source of a wanted size: the hello-worker pack, and assets of which half compresses and half does not.</summary>
internal static class SourceTree
{
    private const int FileBytes = 4 << 20;

    public static void Write(string folder, int mebibytes)
    {
        Copy(Path.Combine(FindRepository(), "samples", "hello-worker"), folder);
        if (mebibytes == 0)
        {
            return;
        }

        var assets = Directory.CreateDirectory(Path.Combine(folder, "assets")).FullName;
        var random = new Random(1);

        // A file of random bytes with every second 16 bytes zero shrinks to about a half: 4 MiB of file are 2 MiB of image.
        var files = mebibytes / 3;
        var buffer = new byte[FileBytes];
        for (var index = 0; index < files; index++)
        {
            random.NextBytes(buffer);
            if (index % 2 == 0)
            {
                for (var offset = 0; offset < buffer.Length; offset += 32)
                {
                    buffer.AsSpan(offset, 16).Clear();
                }
            }

            File.WriteAllBytes(Path.Combine(assets, $"asset-{index:D4}.bin"), buffer);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Gtc.slnx was not found above the program.");
    }
}
