using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>The side documents that the server itself understands.</summary>
public static class TypedSides
{
    /// <summary>Nothing is written.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> None { get; } = ImmutableSortedDictionary<SideName, byte[]?>.Empty;

    /// <summary>One document to write.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> Of(SideName name, byte[]? bytes) => None.Add(name, bytes);

    /// <summary>A trust root to write.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> Of(TrustRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return Of(SideName.TrustRoot, root.ToFile());
    }

    /// <summary>What was discovered, to write.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> Of(EnvironmentRuntime runtime) => Of(SideName.Runtime, Documents.EnvironmentRuntime.ToFile(runtime));

    /// <summary>A policy and its signature to write.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> Of(SignedRevenuePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Of(SideName.Of(policy.DocumentRef), [.. policy.Document]).Add(SideName.Of(policy.PolicyRef), [.. policy.Envelope]);
    }

    /// <summary>The trusted keys; null when the environment was never bootstrapped.</summary>
    public static Outcome<TrustRoot?> TrustRoot(SideDocument? side) => side is null ? (TrustRoot?)null
        : Signing.TrustRoot.Parse(side.Bytes.Span).TryGet(out var root, out var error) ? root
        : (Outcome<TrustRoot?>)new Refusal.TrustRootFailed(error.Message) { Details = [new("rule", error.Kind)] };

    /// <summary>What was discovered, or null.</summary>
    public static Outcome<EnvironmentRuntime?> Runtime(SideDocument? side) => side is null
        ? (EnvironmentRuntime?)null
        : Documents.EnvironmentRuntime.Parse(side.Bytes.Span).Then<EnvironmentRuntime?>(runtime => runtime);

    /// <summary>The trusted keys of an environment; null when it was never bootstrapped.</summary>
    public static async Task<Outcome<TrustRoot?>> ReadTrustRootAsync(this IEnvironmentStorage storage, EnvId environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        return (await storage.ReadSideAsync(environment, SideName.TrustRoot, cancellationToken)).Then(TrustRoot);
    }

    /// <summary>What a deployer discovered, or null.</summary>
    public static async Task<Outcome<EnvironmentRuntime?>> ReadRuntimeAsync(this IEnvironmentStorage storage, EnvId environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        return (await storage.ReadSideAsync(environment, SideName.Runtime, cancellationToken)).Then(Runtime);
    }
}
