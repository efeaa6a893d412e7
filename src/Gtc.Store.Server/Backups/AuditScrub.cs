using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>Verifies an audit log at rest: page by page, without a lock and without having it in memory, so that a log of any length disturbs nobody.</summary>
internal static class AuditScrub
{
    /// <summary>Verifies the log of an environment.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="trusted">Whose checkpoints of pruned lines are believed.</param>
    /// <param name="rest">Waited for between pages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Outcome<AuditVerdict>> VerifyAsync(
        IEnvironmentStorage storage, EnvId environment, ImmutableArray<TrustedKey> trusted, Func<CancellationToken, Task> rest, CancellationToken cancellationToken)
    {
        var verdict = await FollowAsync(storage, environment, trusted, rest, cancellationToken);

        // Lines may have been pruned while it was read: what is damaged is so the second time too.
        return verdict.Match(read => read.IsSound, _ => false) ? verdict : await FollowAsync(storage, environment, trusted, rest, cancellationToken);
    }

    private static async Task<Outcome<AuditVerdict>> FollowAsync(
        IEnvironmentStorage storage, EnvId environment, ImmutableArray<TrustedKey> trusted, Func<CancellationToken, Task> rest, CancellationToken cancellationToken)
    {
        if (!(await storage.OpenAuditAsync(environment, cancellationToken)).TryGet(out var log, out var refusal))
        {
            return refusal;
        }

        using (log)
        {
            if (!(await PrunedAsync(storage, environment, trusted, cancellationToken)).TryGet(out var pruned, out refusal))
            {
                return refusal;
            }

            using var chain = new AuditChainCheck(new AuditEnds { Pruned = pruned });
            while (true)
            {
                if (!(await log.NextAsync(cancellationToken)).TryGet(out var page, out refusal))
                {
                    return refusal;
                }

                if (page.IsEmpty)
                {
                    return chain.End();
                }

                foreach (var line in page)
                {
                    chain.Add(line);
                }

                await rest(cancellationToken);
            }
        }
    }

    private static async Task<Outcome<string?>> PrunedAsync(IEnvironmentStorage storage, EnvId environment, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken) =>
        (await storage.ReadSideAsync(environment, SideName.Of(AuditCheckpoint.Name), cancellationToken)).Then(side => side is null
            ? (string?)null
            : AuditCheckpoint.Verify(side.Bytes.Span, environment, trusted).Then<string?>(checkpoint => checkpoint.PrunedThrough));
}
