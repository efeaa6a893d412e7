using System.Collections.Immutable;

namespace Gtc.Deployers.Clusters;

/// <summary>What was done to one object.</summary>
public enum ObjectOutcome
{
    /// <summary>It was as rendered.</summary>
    Unchanged,

    /// <summary>It was made.</summary>
    Created,

    /// <summary>It was changed.</summary>
    Changed,

    /// <summary>It was left as it is, since somebody else had changed it.</summary>
    Left,
}

/// <summary>One rendered object and what was done.</summary>
/// <param name="Item">The object.</param>
/// <param name="Outcome">What was done.</param>
public sealed record AppliedObject(ObjectRef Item, ObjectOutcome Outcome);

/// <summary>A field that somebody else had changed.</summary>
/// <param name="Item">The object.</param>
/// <param name="Field">Where, e.g. <c>spec.replicas</c>.</param>
/// <param name="Owners">Who has it now, by the names of field managers.</param>
/// <param name="Wanted">The rendered value as JSON; never of a Secret.</param>
/// <param name="Found">The live value as JSON, null when it is gone; never of a Secret.</param>
public sealed record FieldDrift(ObjectRef Item, string Field, ImmutableArray<string> Owners, string? Wanted, string? Found);

/// <summary>What a convergence did.</summary>
public sealed record ReconcileReport
{
    /// <summary>Every rendered object, in the order of applying.</summary>
    public required ImmutableArray<AppliedObject> Applied { get; init; }

    /// <summary>What was removed.</summary>
    public required ImmutableArray<ObjectRef> Pruned { get; init; }

    /// <summary>What was to be removed and was not there.</summary>
    public required ImmutableArray<ObjectRef> AlreadyAbsent { get; init; }

    /// <summary>What others had changed.</summary>
    public required ImmutableArray<FieldDrift> Drift { get; init; }

    /// <summary>How many running pods were told at once that a mounted file has changed.</summary>
    public required int PodsTold { get; init; }

    /// <summary>What a person should know although it worked.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>What the cluster gave, by key: addresses under which the routers are reached.</summary>
    public required ImmutableSortedDictionary<string, string> Discovered { get; init; }
}
