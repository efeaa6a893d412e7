using System.Text.Json.Nodes;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>What the verbs of <c>gtc op</c> do with a store before they do anything of their own.</summary>
internal static class OpStore
{
    /// <summary>The environment that a payload means, where flags, variables and context say; nothing is made or asked by opening it.</summary>
    public static Outcome<OpPlace> Open(VerbCall call, string? environment) => Etag(call.Flags.ExpectedEtag).Then(etag => Open(call, environment, call.Flags.ExpectedGeneration, etag));

    /// <summary>The same for what follows a change that stands, and made a generation that nobody could expect.</summary>
    public static Outcome<OpPlace> OpenAfterwards(VerbCall call, string? environment) => Open(call, environment, expected: null, etag: null);

    /// <summary>The same for what makes many changes, each of which expects the one before, and for what is no change of the environment: what the caller saw is not gone by, and refused.</summary>
    public static Outcome<OpPlace> OpenAsItIs(VerbCall call, string? environment) => WhyNotExpecting(call) is { } refusal ? refusal : OpenAfterwards(call, environment);

    /// <summary>The same for a verb that works on the environment's files themselves; refused where they are on a server.</summary>
    public static Outcome<LocalPlace> OpenLocal(VerbCall call, string? environment) =>
        LocalStore(call).Then(_ => call.Environment(environment).Then(id => OpenFiles(call, id, expected: null)));

    /// <summary>The environments of the store that is meant, in the order of their ids.</summary>
    public static async Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(VerbCall call, CancellationToken cancellationToken)
    {
        if (!call.RemoteStore().TryGet(out var remote, out var refusal))
        {
            return refusal;
        }

        return remote is not null ? (await remote.ListAsync(cancellationToken)).Then<IReadOnlyList<EnvId>>(ids => ids)
            : call.LocalStore().TryGet(out var store, out refusal) ? await store.ListAsync(cancellationToken)
            : refusal;
    }

    /// <summary>The local store, for a verb that works on the files of many environments; refused where they are on a server, and where one that was seen is to count.</summary>
    public static Outcome<FileEnvironmentStore> LocalStore(VerbCall call) => WhyNotExpecting(call) is { } refusal ? refusal : call.RemoteStore().Then(remote => remote is null
        ? call.LocalStore()
        : new Refusal.InvalidArgument($"`{call.Verb}` works on the files of a store, and {remote.Address} is a store server")
        {
            Next = $"gtc op {call.Verb} --store-root DIR   on the machine that has the files",
        });

    /// <summary>What is about to be done, for the audit log.</summary>
    public static MutationIntent Intent(EnvId environment, string noun, string verb, params ReadOnlySpan<(string Key, string? Value)> target) =>
        new(environment, noun, verb, Target(target));

    /// <summary>What is acted on, for the audit log; keys without a value are left out.</summary>
    public static JsonObject Target(params ReadOnlySpan<(string Key, string? Value)> members)
    {
        var target = new JsonObject();
        foreach (var (key, value) in members)
        {
            if (value is not null)
            {
                target[key] = value;
            }
        }

        return target;
    }

    /// <summary>The environment inside a change, or why there is none.</summary>
    public static Outcome<EnvironmentDocument> Required(this MutationContext change, EnvId environment) => Required(change.Current, environment);

    /// <summary>The environment as it was read, or why there is none.</summary>
    public static Outcome<EnvironmentDocument> Required(EnvironmentDocument? found, EnvId environment) => found is { } document ? document : Missing(environment);

    /// <summary>That there is no such environment.</summary>
    public static Refusal Missing(EnvId environment) => new Refusal.Missing($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };

    /// <summary>Why a verb does not go by the environment that its caller saw, where that is asked for all the same; null when it is not.</summary>
    public static Refusal.InvalidArgument? WhyNotExpecting(VerbCall call) => (call.Flags.ExpectedGeneration, call.Flags.ExpectedEtag) switch
    {
        (not null, _) => new($"`{call.Verb}` takes no --expect-generation"),
        (_, not null) => new($"`{call.Verb}` takes no --if-match"),
        _ => null,
    };

    /// <summary>An entity tag as a server says it, with its quotes or without; null for null.</summary>
    public static Outcome<string?> Etag(string? given)
    {
        const int Length = 64;
        var bare = given?.Trim('"');
        return bare is null || (bare.Length == Length && bare.All(char.IsAsciiHexDigit)) ? bare?.ToLowerInvariant() : new Refusal.InvalidArgument($"--if-match must be an entity tag of {Length} hex digits, as the header ETag of GET /environments/ENV says it");
    }

    private static Outcome<OpPlace> Open(VerbCall call, string? environment, ulong? expected, string? etag) => call.Environment(environment).Then(id => call.RemoteStore().Then(remote =>
        remote is not null ? (Outcome<OpPlace>)new RemotePlace(remote, call.RemoteArtifacts, id, call) { Expected = expected, ExpectedEtag = etag }
        : etag is not null ? new Refusal.InvalidArgument("--if-match is about a store server; --expect-generation N does the same on files")
        : OpenFiles(call, id, expected).Then<OpPlace>(local => local)));

    private static Outcome<LocalPlace> OpenFiles(VerbCall call, EnvId environment, ulong? expected) =>
        call.LocalStore().Then<LocalPlace>(store => new LocalPlace(store, environment, call.Context.Variable) { Expected = expected });
}
