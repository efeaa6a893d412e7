using System.Collections.Immutable;

namespace Gtc.Deployers.Clusters;

/// <summary>Where a field of an object is; steps are members, and for lists whose items have an identity their keys.</summary>
/// <param name="Steps">From the top.</param>
public sealed record FieldPath(ImmutableArray<FieldStep> Steps)
{
    /// <summary>The object itself.</summary>
    public static FieldPath Root { get; } = new([]);

    /// <summary>One step further down.</summary>
    public FieldPath Then(FieldStep step) => new(Steps.Add(step));

    /// <summary>For people, e.g. <c>spec.template.spec.containers[worker].image</c>.</summary>
    public override string ToString() => string.Concat(Steps.Select((step, number) => step is FieldStep.Member member ? (number == 0 ? "" : ".") + member.Name : $"[{step}]"));
}

/// <summary>One step of a path.</summary>
public abstract record FieldStep
{
    private FieldStep()
    {
    }

    /// <summary>Into a member of an object.</summary>
    /// <param name="Name">Its name.</param>
    public sealed record Member(string Name) : FieldStep
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>Into the item of a list that has these keys.</summary>
    /// <param name="Keys">The values of the members that tell items apart, as JSON, by name.</param>
    public sealed record Item(ImmutableSortedDictionary<string, string> Keys) : FieldStep
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join(',', Keys.Values.Select(value => value.Trim('"')));
    }
}
