using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Which of an environment's devices the Deployment of a revision claims, by the one label that its deployment has on devices.</summary>
internal abstract record DeviceClaim
{
    private DeviceClaim()
    {
    }

    /// <summary>No device: the revision has no share.</summary>
    public static DeviceClaim None { get; } = new Nobody();

    /// <summary>The devices whose label names the revision.</summary>
    public static DeviceClaim Own { get; } = new Labelled();

    /// <summary>Every device but those whose label names one of these: also one that nobody has labelled yet.</summary>
    public static DeviceClaim AllBut(IEnumerable<RevisionId> others) => new Rest([.. others.OrderBy(id => id.Value)]);

    /// <summary>No device.</summary>
    public sealed record Nobody : DeviceClaim;

    /// <summary>The devices whose label names the revision.</summary>
    public sealed record Labelled : DeviceClaim;

    /// <summary>Every device but those of others.</summary>
    /// <param name="Others">The other revisions with a share, in order.</param>
    public sealed record Rest(ImmutableArray<RevisionId> Others) : DeviceClaim
    {
        /// <summary>Lists are compared by what is in them.</summary>
        public bool Equals(Rest? other) => other is not null && Others.SequenceEqual(other.Others);

        /// <inheritdoc/>
        public override int GetHashCode() => Others.Length;
    }

    /// <summary>Something that gtc never wrote.</summary>
    public sealed record Strange : DeviceClaim;
}
