namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>What the register holds: an environment's generation and its name.</summary>
public readonly record struct Register(long Generation, string Name);

/// <summary>One call of one client, from before it was sent to after it was answered.</summary>
public sealed record Operation
{
    /// <summary>The end of one that was never answered: it may take effect at any time from its begin on, or never.</summary>
    public const long Never = long.MaxValue;

    public required long Began { get; init; }

    public required long Ended { get; init; }

    /// <summary>The name to write; null for a read.</summary>
    public string? Writes { get; init; }

    /// <summary>The name that must stand for the write to be done; null for an unconditional one.</summary>
    public string? Expects { get; init; }

    /// <summary>What was answered: what a read saw, what a write made, what stood instead of what was expected. Null when nothing was.</summary>
    public Register? Saw { get; init; }

    /// <summary>Whether a write was refused because something else stood.</summary>
    public bool IsRefused { get; init; }

    /// <summary>What the register holds after it; null when it cannot have taken effect here with this answer.</summary>
    public Register? Apply(Register before)
    {
        if (Writes is null)
        {
            return Saw == before ? before : null;
        }

        var isDone = Expects is null || Expects == before.Name;
        var after = isDone ? new Register(before.Generation + 1, Writes) : before;
        return Saw is not { } saw ? after
            : IsRefused ? !isDone && saw.Generation == before.Generation ? before : null
            : isDone && saw.Generation == after.Generation ? after : null;
    }
}
