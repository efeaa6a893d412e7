using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>
/// Gives the components of one revision what their pack declares and the environment grants (flows-and-components.md §4 and §6), and nothing else. Faults
/// that are met on the way never hold a secret, a URL or a body.
/// </summary>
public sealed class ComponentHost : IComponentHost
{
    private const string AnyTeam = "_";

    private static readonly HostFault NotFound = new("not-found", "there is no such secret");
    private static readonly HostFault Undeclared = new("denied", "the pack does not declare this secret");
    private static readonly HostFault InvalidKey = new("invalid-key", $"a key has 1 to {SecretKeys.MaxLength} characters");

    /// <summary>Where state is kept.</summary>
    public required IStateStore State { get; init; }

    /// <summary>Where secrets are.</summary>
    public required IComponentSecrets Secrets { get; init; }

    /// <summary>The packs whose components may write secrets that they declare, by the names that the environment or their manifests give them.</summary>
    public IReadOnlySet<string> SecretWriters { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Sends HTTP requests.</summary>
    public required HttpEgress Http { get; init; }

    /// <summary>The packs of the revision by the ids of their manifests.</summary>
    public required IReadOnlyDictionary<string, PackSetting> Packs { get; init; }

    /// <summary>What the deployment sets for the caller's pack (<c>config_overrides</c>), or null; it goes before the revision's own configuration.</summary>
    public Func<ComponentCaller, IReadOnlyDictionary<string, JsonElement>?> Overrides { get; init; } = static _ => null;

    /// <summary>Reads what a deployer discovered, by key; null when there is no such value.</summary>
    public required Func<string, JsonElement?> Discovered { get; init; }

    /// <inheritdoc/>
    public async Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return await Http.SendAsync(caller.Declares, request, cancellationToken);
    }

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > SecretKeys.MaxLength)
        {
            return InvalidKey;
        }

        var canonical = SecretKeys.Canonical(key);
        var references = Packs.GetValueOrDefault(caller.PackId)?.Config?.SecretRefs;
        var reference = references?.FirstOrDefault(pair => SecretKeys.Canonical(pair.Key) == canonical).Value;
        if (!caller.Declares.Secrets.Contains(canonical) && reference is null)
        {
            return Undeclared;
        }

        foreach (var place in Places(caller, canonical, reference))
        {
            var answer = Secrets.Read(place);
            if (answer.Fault is not { Code: "not-found" })
            {
                return answer;
            }
        }

        return NotFound;
    }

    /// <inheritdoc/>
    public HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(key);
        if (string.IsNullOrWhiteSpace(key) || key.Length > SecretKeys.MaxLength)
        {
            return InvalidKey;
        }

        var canonical = SecretKeys.Canonical(key);
        var name = Packs.GetValueOrDefault(caller.PackId)?.Name ?? caller.PackId;
        if (!caller.Declares.Secrets.Contains(canonical))
        {
            return Undeclared;
        }

        if (!SecretWriters.Contains(name) && !SecretWriters.Contains(caller.PackId))
        {
            return new HostFault("denied", $"the environment does not let pack {name} write secrets (--secret-writes)");
        }

        // Where it is read from; a new one belongs to the tenant.
        SecretUri[] places = [.. Places(caller, canonical, reference: null)];
        var place = Array.Find(places, candidate => Secrets.Read(candidate).Fault is null) ?? Array.Find(places, candidate => candidate.Team == AnyTeam);
        return place is null ? InvalidKey : Waiting.For(token => Secrets.WriteAsync(place, value, caller, token), cancellationToken);
    }

    /// <inheritdoc/>
    public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (string.IsNullOrWhiteSpace(key) || key.Length > SecretKeys.MaxLength)
        {
            return InvalidKey;
        }

        var config = Packs.GetValueOrDefault(caller.PackId)?.Config;
        if (Overrides(caller)?.TryGetValue(key, out var plain) == true || config?.NonSecret.TryGetValue(key, out plain) == true)
        {
            return ReferenceIn(plain) is { } written ? Discover(written) : plain.GetRawText();
        }

        if (config?.RuntimeRefs.TryGetValue(key, out var reference) == true)
        {
            return Discover(reference);
        }

        var secret = ReadSecret(caller, key, cancellationToken);
        return secret.Fault switch
        {
            null => JsonText.OfText(Encoding.UTF8.GetString(secret.Value.Span)),
            { Code: "internal" } fault => fault,
            _ => (string?)null,
        };

        string? Discover(string at) => References.DiscoveredKey(at, caller.Context.EnvironmentId) is { } discovered ? Discovered(discovered)?.GetRawText() : null;
    }

    /// <summary>The <c>runtime://</c> reference that a setting is; null when it is a value.</summary>
    public static string? ReferenceIn(JsonElement setting) =>
        setting.ValueKind == JsonValueKind.String && setting.GetString() is { } text && text.StartsWith(References.RuntimeScheme, StringComparison.Ordinal) ? text : null;

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.ReadsState ? State.Read(KeyOf(caller, key), cancellationToken) : UndeclaredState("read");

    /// <inheritdoc/>
    public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.WritesState ? State.Write(KeyOf(caller, key), value, cancellationToken) : UndeclaredState("write");

    /// <inheritdoc/>
    public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.DeletesState ? State.Delete(KeyOf(caller, key), cancellationToken) : UndeclaredState("delete");

    private static StateKey KeyOf(ComponentCaller caller, string key) => new(caller.Context.Tenant, caller.PackId, caller.FlowId, key);

    private static HostFault UndeclaredState(string what) => new("unavailable", $"the pack does not declare that this component may {what} state");

    // The team's own first, then everybody's, then where the revision's configuration says that it is.
    private IEnumerable<SecretUri> Places(ComponentCaller caller, string name, string? reference)
    {
        var context = caller.Context;
        var packs = new[] { Packs.GetValueOrDefault(caller.PackId)?.Name, caller.PackId }.OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        foreach (var team in new[] { context.Team, AnyTeam }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            foreach (var pack in packs)
            {
                if (SecretUri.Of(context.EnvironmentId, context.Tenant, team, pack, name).TryGet(out var place, out _))
                {
                    yield return place;
                }
            }
        }

        // A revision's configuration names secrets of its own environment.
        if (reference is not null && SecretUri.Parse(reference).TryGet(out var named, out _) && named.Environment == context.EnvironmentId)
        {
            yield return named;
        }
    }
}
