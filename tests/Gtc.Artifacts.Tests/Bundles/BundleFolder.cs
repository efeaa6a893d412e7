using System.Text;

namespace Gtc.Artifacts.Tests.Bundles;

/// <summary>A fresh folder that is gone after the test.</summary>
internal sealed class BundleFolder : IDisposable
{
    public BundleFolder() => Root = Directory.CreateTempSubdirectory("gtc-bundle-").FullName;

    public string Root { get; }

    public BundleFolder With(string path, string content = "x") => With(path, Encoding.UTF8.GetBytes(content));

    public BundleFolder With(string path, byte[] content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        return this;
    }

    public BundleFolder Link(string path, string target)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.CreateSymbolicLink(full, target);
        return this;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
