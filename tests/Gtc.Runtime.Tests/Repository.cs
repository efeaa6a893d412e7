namespace Gtc.Runtime.Tests;

/// <summary>Where the repository is, found from the test's own folder upwards.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The test does not stand in the repository: Gtc.slnx was not found above it.");
    }
}
