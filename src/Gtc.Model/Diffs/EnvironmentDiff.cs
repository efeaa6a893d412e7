using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Says how two environments, or two generations of one, differ in what they want. Times, counters and keys of requests are not compared.</summary>
public static class EnvironmentDiff
{
    /// <summary>
    /// The differences, ordered by subject. Ids that were minted per environment say nothing across two of them, so there revisions are known by
    /// their digest and references to secrets without the environment's segment.
    /// </summary>
    public static ImmutableArray<EnvironmentChange> Between(EnvironmentDocument first, EnvironmentDocument second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var isSameEnvironment = first.EnvironmentId == second.EnvironmentId;
        var before = new WantedState(first, isSameEnvironment).Values;
        var after = new WantedState(second, isSameEnvironment).Values;
        return
        [
            .. before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(subject => Compare(subject, before.GetValueOrDefault(subject), after.GetValueOrDefault(subject)))
                .OfType<EnvironmentChange>(),
        ];
    }

    private static EnvironmentChange? Compare(string subject, string? before, string? after) => (before, after) switch
    {
        _ when before == after => null,
        (null, _) => new EnvironmentChange(ChangeKind.Added, subject, null, after),
        (_, null) => new EnvironmentChange(ChangeKind.Removed, subject, before, null),
        _ => new EnvironmentChange(ChangeKind.Changed, subject, before, after),
    };
}
