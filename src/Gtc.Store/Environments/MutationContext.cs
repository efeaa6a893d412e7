using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a change sees. It is only valid while the change runs, under the environment's lock.</summary>
public sealed class MutationContext
{
    private readonly RandomSource _random;

    internal MutationContext(EnvironmentFiles files, EnvironmentDocument? current, ulong generation, DateTimeOffset now, RandomSource random)
    {
        Generation = generation;
        Files = files;
        Current = current;
        Now = now;
        _random = random;
    }

    /// <summary>The environment as it is, valid; null when it does not exist. Its file on disk may be one flush behind.</summary>
    public EnvironmentDocument? Current { get; }

    /// <summary>The generation of <see cref="Current"/>; 0 when it does not exist.</summary>
    public ulong Generation { get; }

    /// <summary>The generation that the environment will be of when the change makes a document.</summary>
    public ulong NextGeneration => Generation + 1;

    /// <summary>The time of the change.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The environment's files, for a change that also needs some beside the document.</summary>
    public EnvironmentFiles Files { get; }

    /// <summary>The environment's folder, absolute.</summary>
    public string EnvironmentFolder => Files.Layout.Folder;

    /// <summary>A fresh id.</summary>
    public Ulid NewUlid()
    {
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        _random(random);
        return Ulid.From(Now, random);
    }
}
