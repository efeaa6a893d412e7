namespace Gtc.Wasm.Reference;

/// <summary>How far guests may go: steps, calls within calls, pages and elements. Shared by the instances of one test.</summary>
/// <param name="most">Steps of all guests together.</param>
public sealed class StepCounter(long most)
{
    /// <summary>Calls within calls that end as an exhausted stack.</summary>
    public const int MostCalls = 2_000;

    private long _left = most;

    /// <summary>Pages that a memory may grow to; one array holds no more than the default.</summary>
    public uint MostPages { get; init; } = 32_767;

    /// <summary>Elements that a table may grow to.</summary>
    public uint MostElements { get; init; } = 10_000_000;

    internal int Calls { get; set; }

    internal void Take()
    {
        if (--_left < 0)
        {
            throw new StepsExhaustedException();
        }
    }
}
