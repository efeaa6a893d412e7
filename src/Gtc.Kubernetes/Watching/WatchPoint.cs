namespace Gtc.Kubernetes;

/// <summary>Where a watch of an earlier run ended.</summary>
/// <param name="Version">The version of the last change that was dealt with, of this same cluster: another one would wait until it gets there.</param>
/// <param name="Known">The objects that were there then: those of them that are gone by the time the server has forgotten the version are told.</param>
public sealed record WatchPoint(string Version, IEnumerable<KubeKey> Known);
