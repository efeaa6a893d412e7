namespace Gtc.Kubernetes;

/// <summary>Which objects are listed or watched, and in which form.</summary>
/// <param name="Kind">Their kind.</param>
public sealed record KubeScope(KubeKind Kind)
{
    /// <summary>The form in which the server answers nothing but an object's metadata.</summary>
    internal const string Metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /// <summary>The namespace; null for all, and for kinds of the whole cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which ones by labels, e.g. <c>app=a,tier!=b</c>; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Which ones by fields, e.g. <c>metadata.name=a</c>; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Whether only <c>metadata</c> is wanted: the server then sends PartialObjectMetadata, without spec and status.</summary>
    public bool IsMetadataOnly { get; init; }

    /// <summary>How many objects one page of a list holds.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How long the server keeps one watch open; when it is over, the watch goes on over a new connection.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(290);

    /// <summary>Path and query of a page.</summary>
    internal string ListPath(string next) => $"{Kind.Collection(Namespace)}?limit={PageSize}{Selectors}{(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}")}";

    /// <summary>Path and query of a watch.</summary>
    internal string WatchPath(string version) =>
        $"{Kind.Collection(Namespace)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)Math.Ceiling(WatchTimeout.TotalSeconds)}&resourceVersion={Uri.EscapeDataString(version)}{Selectors}";

    /// <summary>The form in which the server is to answer; null for plain JSON.</summary>
    internal string? Accept(bool isList) => !IsMetadataOnly ? null : isList ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" : Metadata;

    private string Selectors =>
        (LabelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(LabelSelector)}") + (FieldSelector is null ? "" : $"&fieldSelector={Uri.EscapeDataString(FieldSelector)}");
}
