namespace Gtc.Cli.Demo;

/// <summary>The source of samples/hello-worker, carried in the executable so that the demo works wherever gtc is.</summary>
internal static class HelloWorkerSource
{
    private const string Prefix = "hello-worker/";

    /// <summary>Writes the source folder.</summary>
    public static void WriteTo(string folder)
    {
        var assembly = typeof(HelloWorkerSource).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var path = Path.Combine(folder, name[Prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var content = assembly.GetManifestResourceStream(name)!;
            using var file = File.Create(path);
            content.CopyTo(file);
        }
    }
}
