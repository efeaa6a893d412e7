using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>The trust-root verbs (trust-and-signing.md §3.1), wherever the environments are.</summary>
public interface ITrustRoots
{
    /// <summary>Trusts the operator's key, which is made when absent. Doing it again changes nothing.</summary>
    Task<Outcome<TrustSeed>> BootstrapAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>The trusted keys; none when the environment was never bootstrapped.</summary>
    Task<Outcome<ImmutableArray<TrustedKey>>> ListAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>Trusts a key. What it says of its source is kept; the time is noted.</summary>
    Task<Outcome<TrustAddition>> AddAsync(EnvId environment, TrustedKey key, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Trusts a key of a DID document.</summary>
    Task<Outcome<TrustAddition>> AddOfDidAsync(EnvId environment, DidWeb did, PublicKey key, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Trusts a key no longer. One that is not trusted is no error.</summary>
    Task<Outcome<TrustRemoval>> RemoveAsync(EnvId environment, string keyId, string? idempotencyKey, CancellationToken cancellationToken);
}

/// <summary>What is the same for all of them.</summary>
public static class TrustRoots
{
    /// <summary>Trusts the keys of a DID document, each in a change of its own; none is ever removed.</summary>
    /// <param name="roots">The verbs.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="did">Where the keys are from.</param>
    /// <param name="keys">The keys, at least one.</param>
    /// <param name="idempotencyKey">The caller's key for the audit log, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public static async Task<Outcome<DidAddition>> AddDidAsync(this ITrustRoots roots, EnvId environment, DidWeb did, ImmutableArray<PublicKey> keys, string? idempotencyKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentNullException.ThrowIfNull(did);
        var trusted = ImmutableArray<string>.Empty;
        var count = 0;
        foreach (var key in keys)
        {
            var added = await roots.AddOfDidAsync(environment, did, key, idempotencyKey, cancellationToken);
            if (!added.TryGet(out var addition, out var refusal))
            {
                return trusted.IsEmpty
                    ? refusal
                    : new Refusal.Conflict($"only {trusted.Length} of {keys.Length} keys of {did.Text} are trusted now: {refusal.Message}")
                    {
                        Details = [new("trusted", string.Join(", ", trusted)), .. refusal.Details],
                        Next = $"gtc op trust-root add-did {environment} --did {did.Text}",
                    };
            }

            trusted = trusted.Add(key.KeyId);
            count = addition.TrustedKeyCount;
        }

        return new DidAddition(trusted, count);
    }
}
