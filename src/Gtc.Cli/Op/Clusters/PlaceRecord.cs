using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Clusters;

/// <summary>
/// Where an environment was brought, among what is discovered of it. It is written before anything is applied there: what broke off halfway runs
/// all the same, and is only found again by this.
/// </summary>
internal static class PlaceRecord
{
    /// <summary>The member of what is discovered.</summary>
    public const string Key = "cluster";

    /// <summary>Where the environment was brought last; null when it never was.</summary>
    public static ClusterPlace? Last(EnvironmentRuntime? runtime) =>
        runtime is not null && runtime.Discovered.TryGetValue(Key, out var element) && element.ValueKind == JsonValueKind.Object ? element.Deserialize(ClusterJson.Default.ClusterPlace) : null;

    /// <summary>Where it is to be brought, as a value of what is discovered.</summary>
    public static JsonElement Value(ClusterSettings settings) => JsonSerializer.SerializeToElement(Place(settings), ClusterJson.Default.ClusterPlace);

    /// <summary>Why it is not brought to another place than the last one: what runs there would be forgotten. Null when it is the same.</summary>
    public static Refusal.Conflict? WhyNotElsewhere(EnvironmentRuntime? runtime, ClusterSettings settings, EnvId environment) => Last(runtime) is { } last && last != Place(settings)
        ? new Refusal.Conflict($"environment `{environment}` runs in another place, which would go on")
        {
            Details =
            [
                new("was", last.ToString()),
                new("now", Place(settings).ToString()),
                new("to go on all the same", $"gtc op env reconcile {environment} --abandon-previous; what runs there is then nobody's"),
            ],
            Next = $"gtc op env-packs rollback {environment} slot=deployer",
        }
        : null;

    /// <summary>The same as <see cref="BeginAsync(OpPlace, EnvironmentRuntime?, ClusterSettings, VerbCall, CancellationToken)"/> for a verb that brings a part only, and never to another place.</summary>
    public static async Task<Outcome<EnvironmentRuntime?>> BeginAsync(OpPlace at, ClusterSettings settings, VerbCall call, CancellationToken cancellationToken) =>
        !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var known, out var refusal) ? refusal
        : WhyNotElsewhere(known, settings, at.Environment) is { } elsewhere ? elsewhere
        : await BeginAsync(at, known, settings, call, cancellationToken);

    /// <summary>Writes down where the environment is about to be brought. What others discovered meanwhile stays, but for another place.</summary>
    /// <param name="at">The environment.</param>
    /// <param name="known">What is discovered of it.</param>
    /// <param name="settings">Where it is to be brought.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is discovered from now on.</returns>
    public static async Task<Outcome<EnvironmentRuntime?>> BeginAsync(OpPlace at, EnvironmentRuntime? known, ClusterSettings settings, VerbCall call, CancellationToken cancellationToken)
    {
        var left = Last(known);
        while (Last(known) != Place(settings))
        {
            var begun = Begun(at.Environment, known, settings, call);
            if (await WriteAsync(at, begun, cancellationToken) is not { } refusal)
            {
                return begun;
            }

            if (refusal is not Refusal.Conflict || !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var now, out _) || now?.Generation == known?.Generation)
            {
                return refusal with { Details = [.. refusal.Details, new("the cluster", "is as it was: where an environment runs is written down before anything is brought there")] };
            }

            if (Last(now) != left && WhyNotElsewhere(now, settings, at.Environment) is { } elsewhere)
            {
                return elsewhere;
            }

            known = now;
        }

        return known;
    }

    private static EnvironmentRuntime Begun(EnvId environment, EnvironmentRuntime? known, ClusterSettings settings, VerbCall call) => new()
    {
        Schema = Schemas.EnvironmentRuntime,
        EnvironmentId = environment,
        Discovered = (known?.Discovered ?? ImmutableSortedDictionary<string, JsonElement>.Empty).SetItem(Key, Value(settings)),
        GeneratedAt = call.Context.Time.GetUtcNow(),
        GeneratedBy = settings.Kind,
        Generation = (known?.Generation ?? 0) + 1,
    };

    private static async Task<Refusal?> WriteAsync(OpPlace at, EnvironmentRuntime begun, CancellationToken cancellationToken) => at switch
    {
        RemotePlace server => (await server.TellAsync(
            "runtime",
            "set",
            WireRequest.With(HttpMethod.Put, ContractJson.Default.RuntimeBody, new RuntimeBody(begun.Discovered, begun.GeneratedBy, begun.Generation - 1), "runtime"),
            cancellationToken)).Refusal,
        LocalPlace local => await local.Store.ChangeDiscoveredAsync(at.Environment, begun.GeneratedBy, discovered => discovered.SetItem(Key, begun.Discovered[Key]), cancellationToken),
        _ => throw new InvalidOperationException("A place is on files or on a server."),
    };

    private static ClusterPlace Place(ClusterSettings settings) => new(settings.Answers.Get("kubeconfig_context"), settings.Namespace);
}
