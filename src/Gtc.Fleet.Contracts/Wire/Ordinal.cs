using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>Maps that are ordered by the bytes of their keys, whatever the map they are made of was ordered by.</summary>
internal static class Ordinal
{
    public static ImmutableSortedDictionary<string, string> EmptyMap { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, string> Sorted(ImmutableSortedDictionary<string, string>? map) =>
        map is null ? EmptyMap : map.WithComparers(StringComparer.Ordinal);
}
