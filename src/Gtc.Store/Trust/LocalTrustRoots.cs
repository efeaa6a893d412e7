using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>The trust-root verbs on a local store (trust-and-signing.md §3.1). Only bootstrapping grants trust to the operator's key; nothing that signs does.</summary>
/// <param name="store">The store.</param>
/// <param name="operatorKey">The operator's key.</param>
public sealed class LocalTrustRoots(FileEnvironmentStore store, OperatorKeyFile operatorKey)
{
    private const string Noun = "trust-root";

    /// <summary>Trusts the operator's key, which is made when absent. Doing it again changes nothing.</summary>
    public Task<Outcome<TrustSeed>> BootstrapAsync(EnvId environment, CancellationToken cancellationToken) => store.MutateAsync(
        new MutationIntent(environment, Noun, "bootstrap", new JsonObject { ["environment_id"] = environment.ToString() }),
        context => OfExisting(context, environment, root => Seed(context, root)),
        cancellationToken);

    /// <summary>Trusts the operator's key when the environment never had a trust root; part of a larger change.</summary>
    /// <returns>Null when it had one, even an empty one: a key that was removed stays removed.</returns>
    public Outcome<TrustSeed?> SeedIfAbsent(MutationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!new TrustRootFile(context.Files).Load().TryGet(out var root, out var refusal))
        {
            return refusal;
        }

        return root is not null ? (TrustSeed?)null : Seed(context, TrustRoot.Empty).Then<TrustSeed?>(seed => seed);
    }

    /// <summary>The trusted keys; none when the environment was never bootstrapped.</summary>
    public async Task<Outcome<ImmutableArray<TrustedKey>>> ListAsync(EnvId environment, CancellationToken cancellationToken) =>
        await store.ExistsAsync(environment, cancellationToken)
            ? new TrustRootFile(store.Files(environment)).Load().Then<ImmutableArray<TrustedKey>>(root => (root ?? TrustRoot.Empty).Keys)
            : Absent(environment);

    /// <summary>Trusts a key.</summary>
    public Task<Outcome<TrustAddition>> AddAsync(EnvId environment, string keyId, string publicKeyPem, string? idempotencyKey, CancellationToken cancellationToken) => store.MutateAsync(
        new MutationIntent(environment, Noun, "add", new JsonObject { ["key_id"] = keyId, ["public_key_pem"] = publicKeyPem }) { IdempotencyKey = idempotencyKey },
        context => OfExisting(context, environment, root =>
            root.Add(keyId, publicKeyPem).TryGet(out var next, out var error)
                ? Save(context, root, next).Then<TrustAddition>(saved => new TrustAddition(keyId, saved.Keys.Length))
                : TrustRootFile.Failed(error)),
        cancellationToken);

    /// <summary>Trusts a key no longer. One that is not trusted is no error, and makes no file.</summary>
    public Task<Outcome<TrustRemoval>> RemoveAsync(EnvId environment, string keyId, string? idempotencyKey, CancellationToken cancellationToken) => store.MutateAsync(
        new MutationIntent(environment, Noun, "remove", new JsonObject { ["key_id"] = keyId }) { IdempotencyKey = idempotencyKey },
        context => OfExisting(context, environment, root =>
            Save(context, root, root.Remove(keyId)).Then<TrustRemoval>(saved => new TrustRemoval(keyId, root.Find(keyId)?.PublicKeyPem, saved.Keys.Length))),
        cancellationToken);

    private static Refusal.Missing Absent(EnvId environment) =>
        new($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };

    private static Outcome<Mutation<T>> OfExisting<T>(MutationContext context, EnvId environment, Func<TrustRoot, Outcome<T>> verb)
    {
        if (context.Current is null)
        {
            return Absent(environment);
        }

        return new TrustRootFile(context.Files).Load()
            .Then(root => verb(root ?? TrustRoot.Empty))
            .Then<Mutation<T>>(answer => new Mutation<T>(answer));
    }

    private static Outcome<TrustRoot> Save(MutationContext context, TrustRoot before, TrustRoot after) =>
        after.Keys.SequenceEqual(before.Keys) || new TrustRootFile(context.Files).Save(after) is not { } refusal ? after : refusal;

    private Outcome<TrustSeed> Seed(MutationContext context, TrustRoot root)
    {
        if (!operatorKey.LoadOrGenerate().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            var (id, pem) = (key.KeyId, key.PublicKeyPem);
            var next = root.Find(id) is null ? root.Add(id, pem).Value : root;
            return Save(context, root, next).Then<TrustSeed>(saved => new TrustSeed(id, pem, saved.Keys.Length));
        }
    }
}
