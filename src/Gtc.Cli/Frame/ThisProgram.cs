using System.Collections.Immutable;

namespace Gtc.Cli;

/// <summary>This very program, to start it again.</summary>
internal static class ThisProgram
{
    /// <summary>The words that start it: the single file, or the runtime with the program's assembly.</summary>
    public static ImmutableArray<string> Words()
    {
        var path = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, Path.Combine(AppContext.BaseDirectory, "gtc.dll")] : [path];
    }
}
