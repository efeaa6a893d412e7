namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>Images that <c>eng/image</c> builds for the tests of one class, each name once.</summary>
public sealed class BuiltImage : IDisposable
{
    private readonly FreshHome _home = new();
    private readonly Dictionary<string, string> _digests = new(StringComparer.Ordinal);

    /// <summary>A file beside the images.</summary>
    public string PathTo(string name) => _home.PathTo(name);

    /// <summary>Builds one.</summary>
    /// <returns>Its digest.</returns>
    public async Task<string> BuildAsync(string name, params string[] words)
    {
        if (!_digests.TryGetValue(name, out var digest))
        {
            var said = await Script.EngAsync("image", ["--output", PathTo(name), .. words]);
            _digests[name] = digest = said.Split(' ')[1];
        }

        return digest;
    }

    public void Dispose() => _home.Dispose();
}
