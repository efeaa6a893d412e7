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
    private const string RuntimeScheme = "runtime://";
    private const string AnyTeam = "_";

    private static readonly HostFault NotFound = new("not-found", "there is no such secret");
    private static readonly HostFault InvalidKey = new("invalid-key", $"a key has 1 to {SecretKeys.MaxLength} characters");

    /// <summary>Where state is kept.</summary>
    public required IStateStore State { get; init; }

    /// <summary>Where secrets are read.</summary>
    public required IComponentSecrets Secrets { get; init; }

    /// <summary>Sends HTTP requests.</summary>
    public required HttpEgress Http { get; init; }

    /// <summary>The packs of the revision by the ids of their manifests.</summary>
    public required IReadOnlyDictionary<string, PackSetting> Packs { get; init; }

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
            return new HostFault("denied", "the pack does not declare this secret");
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
    public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (string.IsNullOrWhiteSpace(key) || key.Length > SecretKeys.MaxLength)
        {
            return InvalidKey;
        }

        var config = Packs.GetValueOrDefault(caller.PackId)?.Config;
        if (config?.NonSecret.TryGetValue(key, out var plain) == true)
        {
            return plain.GetRawText();
        }

        if (config?.RuntimeRefs.TryGetValue(key, out var reference) == true)
        {
            var prefix = $"{RuntimeScheme}{caller.Context.EnvironmentId}/discovered/";
            return reference.StartsWith(prefix, StringComparison.Ordinal) ? Discovered(reference[prefix.Length..])?.GetRawText() : null;
        }

        var secret = ReadSecret(caller, key, cancellationToken);
        return secret.Fault switch
        {
            null => JsonText.OfText(Encoding.UTF8.GetString(secret.Value.Span)),
            { Code: "internal" } fault => fault,
            _ => (string?)null,
        };
    }

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.ReadsState ? State.Read(KeyOf(caller, key), cancellationToken) : Undeclared("read");

    /// <inheritdoc/>
    public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.WritesState ? State.Write(KeyOf(caller, key), value, cancellationToken) : Undeclared("write");

    /// <inheritdoc/>
    public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
        caller.IsBuiltIn || caller.Declares.DeletesState ? State.Delete(KeyOf(caller, key), cancellationToken) : Undeclared("delete");

    private static StateKey KeyOf(ComponentCaller caller, string key) => new(caller.Context.Tenant, caller.PackId, caller.FlowId, key);

    private static HostFault Undeclared(string what) => new("unavailable", $"the pack does not declare that this component may {what} state");

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
