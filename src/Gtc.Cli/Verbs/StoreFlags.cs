namespace Gtc.Cli.Verbs;

/// <summary>Which store a command line names, and what of it the caller saw. All as typed.</summary>
internal sealed record StoreFlags
{
    /// <summary>The folder of a local store, or null.</summary>
    public string? Root { get; init; }

    /// <summary>The address of a store server, or null.</summary>
    public string? Url { get; init; }

    /// <summary>The file that holds the token for it, or null.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The name of a context, or null for the current one.</summary>
    public string? Context { get; init; }

    /// <summary>The generation that the caller saw; a change of another one is refused. Null not to ask.</summary>
    public ulong? ExpectedGeneration { get; init; }

    /// <summary>The entity tag that the caller saw on a store server; a change of another one is refused. Null not to ask.</summary>
    public string? ExpectedEtag { get; init; }
}
