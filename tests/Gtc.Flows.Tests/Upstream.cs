namespace Gtc.Flows.Tests;

/// <summary>Finds the real fixtures: <c>GTC_FIXTURES</c>, else <c>../shared/fixtures/upstream</c> beside the repository.</summary>
internal static class Upstream
{
    private static readonly string? Root = Find();

    /// <summary>The path of a fixture; skips the test where there are none.</summary>
    public static string Path(string relative)
    {
        if (Root is null)
        {
            Assert.Skip("the upstream fixtures are not on this machine (set GTC_FIXTURES)");
        }

        return System.IO.Path.Combine(Root, relative);
    }

    /// <summary>A component made by others, from the folder that <c>GTC_UPSTREAM_FIXTURES</c> names; skips the test where it is not there.</summary>
    public static byte[] Component(string name)
    {
        var folder = Environment.GetEnvironmentVariable("GTC_UPSTREAM_FIXTURES");
        if (string.IsNullOrEmpty(folder) || Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories).FirstOrDefault() is not { } file)
        {
            Assert.Skip($"{name} is not part of this repository (GTC_UPSTREAM_FIXTURES names a folder that has it)");
            return [];
        }

        return File.ReadAllBytes(file);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("GTC_FIXTURES") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Gtc.slnx")))
            {
                var candidate = System.IO.Path.Combine(folder.FullName, "..", "shared", "fixtures", "upstream");
                return Directory.Exists(candidate) ? candidate : null;
            }
        }

        return null;
    }
}
