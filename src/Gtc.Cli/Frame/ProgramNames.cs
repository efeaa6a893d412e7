namespace Gtc.Cli;

/// <summary>The names that gtc answers to, and the command groups that each of them has.</summary>
internal static class ProgramNames
{
    /// <summary>The name of the executable.</summary>
    public const string Gtc = "gtc";

    /// <summary>Whether the program takes the words of a group under a name: the older tools had a part of them each.</summary>
    public static bool HasGroup(string program, string group) => program switch
    {
        "greentic-deployer" or "greentic-operator" => group is "op",
        "greentic-start" => group is "start" or "stop",
        _ => true,
    };

    /// <summary>The base name under which this process was started; a link keeps its own name.</summary>
    public static string OfThisProcess()
    {
        try
        {
            // The runtime resolves links before it fills Environment.GetCommandLineArgs, the kernel does not.
            var line = File.ReadAllBytes("/proc/self/cmdline").AsSpan();
            var end = line.IndexOf((byte)0);
            var name = Path.GetFileName(System.Text.Encoding.UTF8.GetString(end < 0 ? line : line[..end]));
            return name is "gtc-dev" or "greentic-deployer" or "greentic-operator" or "greentic-start" ? name : Gtc;
        }
        catch (IOException)
        {
            return Gtc;
        }
        catch (UnauthorizedAccessException)
        {
            return Gtc;
        }
    }
}
