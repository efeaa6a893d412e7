namespace Gtc.EndToEnd.Tests;

/// <summary>A person's empty home folder.</summary>
internal sealed class FreshHome : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("gtc-e2e-").FullName;

    public GtcExecutable Gtc => new(Folder);

    public string PathTo(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
