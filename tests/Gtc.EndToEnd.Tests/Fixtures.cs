namespace Gtc.EndToEnd.Tests;

/// <summary>Real bundles made by others, where they are at hand: GTC_FIXTURES, else beside the repository.</summary>
internal static class Fixtures
{
    public static string Path(string name)
    {
        var folder = System.Environment.GetEnvironmentVariable("GTC_FIXTURES")
            ?? System.IO.Path.Combine(Repository.Root, "..", "shared", "fixtures", "upstream");
        var path = System.IO.Path.Combine(folder, name);
        Assert.SkipUnless(File.Exists(path), $"the real fixture {name} is not on this machine; set GTC_FIXTURES to its folder");
        return path;
    }
}
