namespace Gtc.Cli.Demo;

/// <summary>The source of samples/greeter, carried in the executable so that the demo works wherever gtc is.</summary>
internal static class GreeterSource
{
    private const string Prefix = "greeter/";

    /// <summary>Writes the source folder.</summary>
    public static void WriteTo(string folder)
    {
        var assembly = typeof(GreeterSource).Assembly;
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
