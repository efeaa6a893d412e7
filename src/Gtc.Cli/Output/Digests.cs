namespace Gtc.Cli.Output;

/// <summary>Digests for people.</summary>
internal static class Digests
{
    /// <summary>The algorithm and the first twelve digits, enough to tell two apart.</summary>
    public static string Short(string digest)
    {
        const int Shown = 19;
        return digest.Length <= Shown ? digest : $"{digest[..Shown]}…";
    }
}
