namespace Gtc.Model;

/// <summary>Counters that only grow. At the end of the range a change is refused instead of starting over at 0.</summary>
internal static class Generations
{
    /// <summary>The counter after this one.</summary>
    public static Outcome<ulong> Next(ulong present, string of) => present == ulong.MaxValue
        ? new Refusal.Conflict($"the generation of {of} is at its end ({present})")
        : present + 1;
}
