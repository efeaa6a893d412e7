using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// Changes the operator's key (trust-and-signing.md §7). Every environment trusts the new key first, beside the old one, and what was
/// signed gets a second signature; then the new key takes the old one's place. Cut short at any point, the old key still works and
/// the next rotation goes on with the same new key. The old key stays trusted until <c>trust-root remove</c>.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="operatorKey">The operator's key.</param>
public sealed class OperatorKeyRotation(FileEnvironmentStore store, OperatorKeyFile operatorKey)
{
    /// <summary>The environments whose trust root has a key.</summary>
    public async Task<Outcome<ImmutableArray<EnvId>>> TrustedByAsync(string keyId, CancellationToken cancellationToken)
    {
        if (!(await store.ListAsync(cancellationToken)).TryGet(out var all, out var refusal))
        {
            return refusal;
        }

        var found = ImmutableArray.CreateBuilder<EnvId>();
        foreach (var environment in all)
        {
            if (!new TrustRootFile(store.Files(environment)).Load().TryGet(out var root, out refusal))
            {
                return refusal;
            }

            if (root?.Find(keyId) is not null)
            {
                found.Add(environment);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Rotates.</summary>
    /// <param name="environments">The environments that are to trust the new key; each must trust the present one.</param>
    /// <param name="cancellationToken">Ends it between two environments.</param>
    public async Task<Outcome<RotatedKey>> RotateAsync(ImmutableArray<EnvId> environments, CancellationToken cancellationToken)
    {
        if (!operatorKey.LoadExisting().TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        using (present)
        {
            // Looked at before a key is made: a wrong name must not leave half a rotation.
            if (!(await TrustedByAsync(present.KeyId, cancellationToken)).TryGet(out var trusting, out refusal))
            {
                return refusal;
            }

            if (environments.Except(trusting).ToList() is [var stranger, ..])
            {
                return new Refusal.TrustRootFailed($"environment `{stranger}` does not trust operator key {present.KeyId}, so nothing in it can be signed anew")
                {
                    Details = [new("rule", "OperatorKeyNotTrusted")],
                    Next = $"gtc op trust-root bootstrap {stranger}",
                };
            }

            if (!operatorKey.LoadOrGenerateSuccessor().TryGet(out var successor, out refusal))
            {
                return refusal;
            }

            using (successor)
            {
                return await RotateAsync(environments, present, successor, cancellationToken);
            }
        }
    }

    private async Task<Outcome<RotatedKey>> RotateAsync(ImmutableArray<EnvId> environments, OperatorKey present, OperatorKey successor, CancellationToken cancellationToken)
    {
        var done = ImmutableArray.CreateBuilder<RotatedEnvironment>();
        foreach (var environment in environments)
        {
            var target = new JsonObject { ["old_key_id"] = present.KeyId, ["new_key_id"] = successor.KeyId };
            var rotated = await store.MutateAsync(
                new MutationIntent(environment, "operator-key", "rotate", target),
                context => Rotate(context, environment, present.KeyId, successor.Key),
                cancellationToken);
            if (!rotated.TryGet(out var report, out var refusal))
            {
                return refusal with
                {
                    Details = refusal.Details.Add(new("rotated", done.Count == 0 ? "nothing yet; the old key stays in place" : $"{string.Join(", ", done.Select(one => one.Environment))}; the old key stays in place, rotate again")),
                };
            }

            done.Add(report);
        }

        return operatorKey.Succeed(present, successor).Then<RotatedKey>(retired =>
            new RotatedKey(present.KeyId, successor.KeyId, successor.PublicKeyPem, retired, done.ToImmutable()));
    }

    private static Outcome<Mutation<RotatedEnvironment>> Rotate(MutationContext context, EnvId environment, string oldId, PrivateKey key)
    {
        if (context.Current is not { } document)
        {
            return new Refusal.Missing($"environment `{environment}` does not exist");
        }

        var file = new TrustRootFile(context.Files);
        if (!file.Load().TryGet(out var root, out var refusal))
        {
            return refusal;
        }

        var id = key.PublicKey.KeyId;
        if (root?.Find(oldId) is not { } old)
        {
            return new Refusal.TrustRootFailed($"environment `{environment}` no longer trusts operator key {oldId}") { Details = [new("rule", "OperatorKeyNotTrusted")] };
        }

        // The new key may do what the old one may; it does not inherit the old one's end.
        var trusted = TrustedKey.Of(key.PublicKey) with { AddedAt = context.Now, Source = "operator-key rotate", Purposes = old.Purposes };
        var next = root.Find(id) is null ? root.Add(trusted).Value : root;
        if (!ReferenceEquals(next, root) && file.Save(next) is { } unwritten)
        {
            return unwritten;
        }

        return SignAgain(context, SignedMembers.EmbedsKeys(document) ? SignedMembers.WithKeys(document, next) : document, key, next);
    }

    private static Outcome<Mutation<RotatedEnvironment>> SignAgain(MutationContext context, EnvironmentDocument document, PrivateKey key, TrustRoot root)
    {
        var skipped = ImmutableArray.CreateBuilder<string>();
        var revisions = 0;
        foreach (var revision in document.Revisions.Where(revision => revision.Lifecycle != RevisionLifecycle.Archived))
        {
            if (RevisionSigner.Countersign(context, document, revision, key, root).TryGet(out var changed, out var why))
            {
                document = changed;
                revisions++;
            }
            else
            {
                skipped.Add($"revision {revision.RevisionId}: {why.Message}");
            }
        }

        var policies = 0;
        foreach (var deployment in document.Bundles)
        {
            if (RevenuePolicyHistory.Countersign(context, deployment, key, root).TryGet(out var count, out var why))
            {
                policies += count;
            }
            else
            {
                skipped.Add($"revenue policies of {deployment.DeploymentId}: {why.Message}");
            }
        }

        return new Mutation<RotatedEnvironment>(new RotatedEnvironment(document.EnvironmentId, revisions, policies, skipped.ToImmutable()))
        {
            Document = ReferenceEquals(document, context.Current) ? null : document,
        };
    }
}

/// <summary>A finished rotation.</summary>
/// <param name="OldKeyId">The key that was in place.</param>
/// <param name="NewKeyId">The key that is in place.</param>
/// <param name="NewPublicKeyPem">Its public half.</param>
/// <param name="RetiredKeyPath">Where the old private key lies.</param>
/// <param name="Environments">What was done in each environment.</param>
public sealed record RotatedKey(string OldKeyId, string NewKeyId, string NewPublicKeyPem, string RetiredKeyPath, ImmutableArray<RotatedEnvironment> Environments);

/// <summary>What a rotation did in one environment.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="RevisionsSigned">How many revisions carry the new signature.</param>
/// <param name="PoliciesSigned">How many versions of revenue policies carry it.</param>
/// <param name="Skipped">What did not verify before, or was not signed, and was left as it is.</param>
public sealed record RotatedEnvironment(EnvId Environment, int RevisionsSigned, int PoliciesSigned, ImmutableArray<string> Skipped);
