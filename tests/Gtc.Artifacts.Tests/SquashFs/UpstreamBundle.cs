namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>Real bundles; a test that needs one skips where they are absent.</summary>
internal static class UpstreamBundle
{
    public static string Find(string name)
    {
        var folder = Environment.GetEnvironmentVariable("GTC_FIXTURES");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); folder is null && at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Gtc.slnx")))
            {
                folder = Path.Combine(at.FullName, "..", "shared", "fixtures", "upstream");
            }
        }

        var path = Path.Combine(folder ?? "", $"{name}.gtbundle");
        if (!File.Exists(path))
        {
            Assert.Skip($"{name}.gtbundle is not here; set GTC_FIXTURES to the folder that holds it");
        }

        return path;
    }
}
