using System.Globalization;

namespace Gtc.Kubernetes;

/// <summary>
/// Versions of the objects of one resource. They come from one counter and can be compared as numbers
/// (<see href="https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions">Kubernetes API concepts, resource versions</see>).
/// </summary>
public static class ResourceVersions
{
    /// <summary>Whether one version is a later one than another; null when one of them is no number, so that nobody knows.</summary>
    public static bool? IsAfter(string? version, string? other) => Number(version, out var one) && Number(other, out var two) ? one > two : null;

    private static bool Number(string? version, out ulong number) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
