using System.Collections.Immutable;

namespace Gtc.Podman.Tests;

internal static class Sorted
{
    public static ImmutableSortedDictionary<string, string> ToSorted(this Dictionary<string, string> map) => map.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
