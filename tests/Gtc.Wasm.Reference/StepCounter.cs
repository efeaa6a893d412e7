namespace Gtc.Wasm.Reference;

/// <summary>How many steps and calls a guest may still take; shared by the instances of one test.</summary>
public sealed class StepCounter(long most)
{
    /// <summary>Calls within calls that end as an exhausted stack.</summary>
    public const int MostCalls = 2_000;

    private long _left = most;

    internal int Calls { get; set; }

    internal void Take()
    {
        if (--_left < 0)
        {
            throw new StepsExhaustedException();
        }
    }
}
