namespace Gtc.EndToEnd.Tests;

/// <summary>A person's empty home folder.</summary>
internal sealed class FreshHome : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("gtc-e2e-").FullName;

    /// <summary>What the environment of every command says besides.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public GtcExecutable Gtc => new(Folder) { Variables = Variables };

    public string PathTo(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
