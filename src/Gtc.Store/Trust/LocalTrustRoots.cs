using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// The trust-root verbs on a local store (trust-and-signing.md §3.1). Only bootstrapping grants trust to the operator's key; nothing
/// that signs does. Where the document carries the keys for readers that have nothing else, it follows every change.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="operatorKey">The operator's key.</param>
public sealed class LocalTrustRoots(FileEnvironmentStore store, OperatorKeyFile operatorKey) : ITrustRoots
{
    private const string Noun = "trust-root";

    /// <summary>The generation of the environment that the caller saw, for the first change; null not to ask.</summary>
    public ulong? Expected { get; set; }

    /// <summary>Trusts the operator's key, which is made when absent. Doing it again changes nothing.</summary>
    public Task<Outcome<TrustSeed>> BootstrapAsync(EnvId environment, CancellationToken cancellationToken) => ChangeAsync(
        new MutationIntent(environment, Noun, "bootstrap", new JsonObject { ["environment_id"] = environment.ToString() }),
        context => Bootstrap(context, environment, operatorKey),
        cancellationToken);

    /// <summary>Trusts the operator's key, which is made when absent; inside a change.</summary>
    public static Outcome<Mutation<TrustSeed>> Bootstrap(MutationContext context, EnvId environment, OperatorKeyFile operatorKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(operatorKey);
        return OfExisting(context, environment, root => Seeded(operatorKey, root, context.Now).Then(seeded => (Outcome<Change<TrustSeed>>)new Change<TrustSeed>(seeded.Seed, seeded.Root)));
    }

    /// <summary>Trusts the operator's key when the environment never had a trust root; part of a larger change.</summary>
    /// <returns>Null when it had one, even an empty one: a key that was removed stays removed.</returns>
    public static Outcome<TrustSeed?> SeedIfAbsent(MutationContext context, OperatorKeyFile operatorKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(operatorKey);
        if (!new TrustRootFile(context.Files).Load().TryGet(out var root, out var refusal))
        {
            return refusal;
        }

        return root is not null
            ? (TrustSeed?)null
            : Seeded(operatorKey, TrustRoot.Empty, context.Now).Then<TrustSeed?>(seeded => new TrustRootFile(context.Files).Save(seeded.Root) is { } unwritten ? unwritten : seeded.Seed);
    }

    /// <summary>The trusted keys; none when the environment was never bootstrapped.</summary>
    public async Task<Outcome<ImmutableArray<TrustedKey>>> ListAsync(EnvId environment, CancellationToken cancellationToken) =>
        await store.ExistsAsync(environment, cancellationToken)
            ? new TrustRootFile(store.Files(environment)).Load().Then<ImmutableArray<TrustedKey>>(root => (root ?? TrustRoot.Empty).Keys)
            : Absent(environment);

    /// <summary>Trusts a key for everything and without an end.</summary>
    public Task<Outcome<TrustAddition>> AddAsync(EnvId environment, string keyId, string publicKeyPem, string? idempotencyKey, CancellationToken cancellationToken) =>
        AddAsync(environment, new TrustedKey { KeyId = keyId, PublicKeyPem = publicKeyPem }, idempotencyKey, cancellationToken);

    /// <summary>Trusts a key. What it says of its source is kept; the time is noted here.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="key">The key, its id as the caller spells it.</param>
    /// <param name="idempotencyKey">The caller's key for the audit log, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<TrustAddition>> AddAsync(EnvId environment, TrustedKey key, string? idempotencyKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return AddAsync(new MutationIntent(environment, Noun, "add", Named(key)) { IdempotencyKey = idempotencyKey }, key, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Outcome<TrustAddition>> AddOfDidAsync(EnvId environment, DidWeb did, PublicKey key, string? idempotencyKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(did);
        var entry = TrustedKey.Of(key) with { Source = did.Text };
        var target = new JsonObject { ["did"] = did.Text, ["keys"] = new JsonArray(Named(entry)) };
        return AddAsync(new MutationIntent(environment, Noun, "add-did", target) { IdempotencyKey = idempotencyKey }, entry, cancellationToken);
    }

    /// <summary>Trusts a key no longer. One that is not trusted is no error, and makes no file.</summary>
    public Task<Outcome<TrustRemoval>> RemoveAsync(EnvId environment, string keyId, string? idempotencyKey, CancellationToken cancellationToken) => ChangeAsync(
        new MutationIntent(environment, Noun, "remove", new JsonObject { ["key_id"] = keyId }) { IdempotencyKey = idempotencyKey },
        context => OfExisting<TrustRemoval>(context, environment, root =>
        {
            var next = root.Remove(keyId);
            return new Change<TrustRemoval>(new TrustRemoval(keyId, root.Find(keyId)?.PublicKeyPem, next.Keys.Length), next);
        }),
        cancellationToken);

    private static JsonObject Named(TrustedKey key) => new() { ["key_id"] = key.KeyId, ["public_key_pem"] = key.PublicKeyPem };

    private Task<Outcome<TrustAddition>> AddAsync(MutationIntent intent, TrustedKey key, CancellationToken cancellationToken) => ChangeAsync(
        intent,
        context => OfExisting<TrustAddition>(context, intent.Environment, root => root.Add(key with { AddedAt = context.Now }).TryGet(out var next, out var error)
            ? new Change<TrustAddition>(new TrustAddition(key.KeyId, next.Keys.Length), next)
            : TrustRootFile.Failed(error)),
        cancellationToken);

    private async Task<Outcome<T>> ChangeAsync<T>(MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken)
    {
        var done = await store.MutateAsync(intent with { ExpectedGeneration = Expected }, change, cancellationToken);
        if (done.IsOk)
        {
            Expected = null;
        }

        return done;
    }

    private static Refusal.Missing Absent(EnvId environment) =>
        new($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };

    /// <summary>Also mends a document whose keys were left behind by a change that was cut short.</summary>
    private static Outcome<Mutation<T>> OfExisting<T>(MutationContext context, EnvId environment, Func<TrustRoot, Outcome<Change<T>>> verb)
    {
        if (context.Current is not { } document)
        {
            return Absent(environment);
        }

        var file = new TrustRootFile(context.Files);
        if (!file.Load().TryGet(out var root, out var refusal) || !verb(root ?? TrustRoot.Empty).TryGet(out var change, out refusal))
        {
            return refusal;
        }

        if (!change.Root.Keys.SequenceEqual((root ?? TrustRoot.Empty).Keys) && file.Save(change.Root) is { } unwritten)
        {
            return unwritten;
        }

        var followed = SignedMembers.EmbedsKeys(document) ? SignedMembers.WithKeys(document, change.Root) : document;
        return new Mutation<T>(change.Answer) { Document = ReferenceEquals(followed, document) ? null : followed };
    }

    private static Outcome<(TrustSeed Seed, TrustRoot Root)> Seeded(OperatorKeyFile operatorKey, TrustRoot root, DateTimeOffset now)
    {
        if (!operatorKey.LoadOrGenerate().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            var next = root.Find(key.KeyId) is null ? root.Add(TrustedKey.Of(key.Key.PublicKey) with { AddedAt = now, Source = "bootstrap" }).Value : root;
            return (new TrustSeed(key.KeyId, key.PublicKeyPem, next.Keys.Length), next);
        }
    }

    private sealed record Change<T>(T Answer, TrustRoot Root);
}
