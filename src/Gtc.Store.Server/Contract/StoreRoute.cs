using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>One route of the contract.</summary>
internal abstract record StoreRoute
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The path with its parameters, e.g. <c>/environments/{env_id}</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The noun that access is decided by.</summary>
    public required string Noun { get; init; }

    /// <summary>The verb that access is decided by.</summary>
    public required string Verb { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What it is called in the published description: its noun and verb, where no other route is decided by the same.</summary>
    public string Operation { get => field ?? $"{Noun}.{Verb}"; init; }

    /// <summary>Whether the path names an environment.</summary>
    public bool HasEnvironment => Path.Contains("{env_id}", StringComparison.Ordinal);
}

/// <summary>A route that changes nothing.</summary>
internal sealed record ReadRoute : StoreRoute
{
    /// <summary>What it answers.</summary>
    public required Func<ReadCall, Task<Reply>> Answer { get; init; }

    /// <summary>Whether it is meant to wait, so that how long it takes says nothing.</summary>
    public bool Waits { get; init; }

    /// <summary>Its query parameters and their meaning.</summary>
    public (string Name, string Meaning)[] Query { get; init; } = [];

    /// <summary>Whether it takes the right to change, by its noun and verb, although it changes nothing.</summary>
    public bool NeedsRight { get; init; }

    /// <summary>The media type of the answer.</summary>
    public string MediaType { get; init; } = Reply.JsonType;
}

/// <summary>A route that takes bytes which belong to no environment.</summary>
internal sealed record UploadRoute : StoreRoute
{
    /// <summary>The verb that the caller must be allowed in some environment, for the bytes are of no use to anybody else.</summary>
    public required (string Noun, string Verb) Right { get; init; }

    /// <summary>What it answers.</summary>
    public required Func<ArtifactUploads, UploadCall, Task<Reply>> Answer { get; init; }
}

/// <summary>What <c>If-Match</c> means to a route.</summary>
internal enum Precondition
{
    /// <summary>The environment's entity tag, when it is given.</summary>
    Optional,

    /// <summary>The environment's entity tag, which must be given.</summary>
    Required,

    /// <summary>The trust root's entity tag, when it is given.</summary>
    OfTrustRoot,

    /// <summary>The entity tag of what lies beside the document (<see cref="Planned.Side"/>), which must be given where there is something.</summary>
    OfSide,

    /// <summary>It is not looked at: nothing is overwritten.</summary>
    Ignored,
}

/// <summary>A route that changes an environment.</summary>
internal sealed record ChangeRoute : StoreRoute
{
    /// <summary>The body's shape; null when there is none.</summary>
    public JsonTypeInfo? Body { get; init; }

    /// <summary>What <c>If-Match</c> means.</summary>
    public Precondition Precondition { get; init; }

    /// <summary>The most bytes of a body; <see cref="StoreServerOptions.MaxBodyBytes"/> when null.</summary>
    public Func<StoreServerOptions, long>? MaxBody { get; init; }

    /// <summary>Whether it is run where there is no environment.</summary>
    public bool MakesEnvironment { get; init; }

    /// <summary>Whether the environment is gone after it.</summary>
    public bool RemovesEnvironment { get; init; }

    /// <summary>Plans the change from the request alone.</summary>
    public required Func<Asked, ReadOnlyMemory<byte>, Outcome<Planned>> Plan { get; init; }

    /// <summary>Plans the change in place of <see cref="Plan"/>, with what is stored; null when it need not be read.</summary>
    public Func<Asked, ReadOnlyMemory<byte>, IEnvironmentStorage, CancellationToken, Task<Outcome<Planned>>>? PlanLater { get; init; }

    /// <summary>A route with a body.</summary>
    public static ChangeRoute With<T>(string method, string path, string noun, string verb, string summary, JsonTypeInfo<T> body, Func<Asked, T, Outcome<Planned>> plan)
        where T : class => new()
        {
            Method = method,
            Path = path,
            Noun = noun,
            Verb = verb,
            Summary = summary,
            Body = body,
            Plan = (asked, bytes) => RequestBody.Parse(bytes, body).Then(parsed => plan(asked, parsed)),
        };

    /// <summary>A route without a body.</summary>
    public static ChangeRoute Bare(string method, string path, string noun, string verb, string summary, Func<Asked, Outcome<Planned>> plan) => new()
    {
        Method = method,
        Path = path,
        Noun = noun,
        Verb = verb,
        Summary = summary,
        Plan = (asked, _) => plan(asked),
    };
}

/// <summary>A request for a change, before its body is read.</summary>
internal sealed record Asked
{
    /// <summary>The environment of the path; that of the body where the path has none.</summary>
    public required EnvId? PathEnvironment { get; init; }

    /// <summary>The other parameters of the path.</summary>
    public required Func<string, string> Parameter { get; init; }

    /// <summary>The idempotency key.</summary>
    public required string Key { get; init; }

    /// <summary>The server's key.</summary>
    public required OperatorKeyFile OperatorKey { get; init; }

    /// <summary>The environment of the path.</summary>
    public EnvId Environment => PathEnvironment ?? throw new InvalidOperationException("The route has no environment in its path.");

    /// <summary>A parameter of the path as an id.</summary>
    public Outcome<T> Id<T>(string name)
        where T : struct, ITextValue<T> =>
        T.TryParse(Parameter(name), out var value) ? value : new Refusal.InvalidArgument($"{name} in the path must be {T.Expectation}");
}

/// <summary>A change, planned.</summary>
/// <param name="Target">What is acted on, as far as it is known yet.</param>
/// <param name="Step">The change.</param>
internal sealed record Planned(JsonObject Target, Func<ChangeContext, Outcome<Change>> Step)
{
    /// <summary>A right that is needed besides the route's own, for what the body brings along; null for none.</summary>
    public (string Noun, string Verb)? AlsoNeeds { get; init; }

    /// <summary>The environment, where the path does not name it.</summary>
    public EnvId? Environment { get; init; }

    /// <summary>The noun and verb that go on record, where they are not those of the route.</summary>
    public (string Noun, string Verb)? Recorded { get; init; }

    /// <summary>What lies beside the document and is written over, for <see cref="Precondition.OfSide"/>.</summary>
    public Func<ChangeContext, SideName>? Side { get; init; }

    /// <summary>Whether a refusal of the step is the caller's own word: it is answered in it, and never as a failure of the server.</summary>
    public bool IsTold { get; init; }

    /// <summary>The deployment that is changed, for callers that may change some only; null when the environment as such is changed.</summary>
    public Func<EnvironmentDocument, DeploymentId?> Deployment { get; init; } = static _ => null;
}
