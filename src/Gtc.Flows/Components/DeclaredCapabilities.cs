using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>What a pack says that one of its components needs (bundle-format.md §3.3). It is the most that the component can be granted.</summary>
public sealed record DeclaredCapabilities
{
    private const string MessagingPrefix = "messaging.";

    /// <summary>Nothing.</summary>
    public static DeclaredCapabilities None { get; } = new();

    /// <summary>Whether it sends HTTP requests.</summary>
    public bool SendsHttp { get; init; }

    /// <summary>The hosts it sends them to, as <c>example.com</c> or <c>*.example.com</c>; empty when the pack does not say.</summary>
    public ImmutableArray<string> HttpHosts { get; init; } = [];

    /// <summary>Whether it reads state.</summary>
    public bool ReadsState { get; init; }

    /// <summary>Whether it writes state.</summary>
    public bool WritesState { get; init; }

    /// <summary>Whether it deletes state; packs that do not say so mean it where they write.</summary>
    public bool DeletesState { get; init; }

    /// <summary>Secrets that it reads, by their keys in canonical form (<see cref="SecretKeys.Canonical"/>).</summary>
    public ImmutableSortedSet<string> Secrets { get; init; } = [];

    /// <summary>Reads what a manifest says about a component.</summary>
    /// <remarks>
    /// The component of a messaging provider counts as one that sends HTTP requests and keeps state: packs in use say so by declaring the provider and
    /// leave the component's own capabilities empty.
    /// </remarks>
    public static DeclaredCapabilities Of(PackManifest manifest, string componentId)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var definition = manifest.Components.FirstOrDefault(component => component.Id == componentId)?.Definition ?? default;
        var host = Member(Member(definition, "capabilities"), "host");
        var client = Member(Member(host, "http"), "client");
        var state = Member(host, "state");
        var isProvider = manifest.Providers.Any(provider => provider.ComponentId == componentId && provider.Type.StartsWith(MessagingPrefix, StringComparison.Ordinal));
        var writes = isProvider || IsTrue(state, "write");
        return new()
        {
            SendsHttp = isProvider || client.ValueKind is JsonValueKind.True or JsonValueKind.Object,
            HttpHosts = Texts(client.ValueKind == JsonValueKind.Object ? Member(client, "hosts") : Member(Member(host, "http"), "hosts")),
            ReadsState = isProvider || IsTrue(state, "read"),
            WritesState = writes,
            DeletesState = Member(state, "delete").ValueKind == JsonValueKind.Undefined ? writes : IsTrue(state, "delete"),
            Secrets = [.. manifest.SecretRequirements.Select(secret => secret.Key).Concat(Texts(Member(Member(host, "secrets"), "required"))).Select(SecretKeys.Canonical)],
        };
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static bool IsTrue(JsonElement value, string name) => Member(value, name).ValueKind == JsonValueKind.True;

    // A list of texts; of records the key counts.
    private static ImmutableArray<string> Texts(JsonElement list) => list.ValueKind != JsonValueKind.Array
        ? []
        : [.. list.EnumerateArray()
            .Select(item => item.ValueKind == JsonValueKind.Object ? Member(item, "key") : item)
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => item.GetString()!)];
}
