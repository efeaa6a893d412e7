using Gtc.Artifacts.Building;
using Gtc.Model;

namespace Gtc.Cli.Tests.Bundle;

/// <summary>Bundles for tests.</summary>
internal static class TestBundles
{
    /// <summary>Digest of the smallest real bundle.</summary>
    public const string PerfSmokeDigest = "sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706";

    /// <summary>Writes the source of a bundle with one flow.</summary>
    public static string WriteSource(string folder, string bundleId, string greeting = "Hello")
    {
        var source = Path.Combine(folder, $"{bundleId}-source");
        Directory.CreateDirectory(Path.Combine(source, "packs", "hello", "flows"));
        File.WriteAllText(Path.Combine(source, "bundle.yaml"), $"schema_version: 1\nbundle_id: {bundleId}\nbundle_name: {bundleId}\n");
        File.WriteAllText(Path.Combine(source, "packs", "hello", "pack.yaml"), "pack_id: hello\nversion: 0.1.0\nkind: application\npublisher: gtc\n");
        File.WriteAllText(
            Path.Combine(source, "packs", "hello", "flows", "greet.ygtc"),
            $"id: greet\ntype: messaging\nschema_version: 2\nnodes:\n  greet:\n    emit.response:\n      text: \"{greeting}\"\n    routing: out\n");
        return source;
    }

    /// <summary>Builds a bundle file.</summary>
    public static async Task<BuiltBundle> BuildAsync(string folder, string bundleId, string greeting = "Hello")
    {
        var source = WriteSource(folder, bundleId, greeting);
        Outcome<BuiltBundle> built = await BundleBuilder.BuildAsync(source, Path.Combine(folder, $"{bundleId}.gtbundle"), "0.0.0", TestContext.Current.CancellationToken);
        built.IsOk.ShouldBeTrue(built.Refusal?.Message);
        return built.Value;
    }

    /// <summary>A real bundle, copied into a folder; the test is skipped where there is none.</summary>
    public static string CopyFixture(string name, string folder)
    {
        var fixtures = Environment.GetEnvironmentVariable("GTC_FIXTURES") ?? Path.Combine(RepositoryRoot(), "..", "shared", "fixtures", "upstream");
        var source = Path.Combine(fixtures, name);
        if (!File.Exists(source))
        {
            Assert.Skip($"There is no {name}; GTC_FIXTURES names the folder of real bundles.");
        }

        var copy = Path.Combine(folder, name);
        File.Copy(source, copy);
        return copy;
    }

    /// <summary>The folder of the solution.</summary>
    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder.FullName;
    }
}
