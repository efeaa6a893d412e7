using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// From changed files to a whole new activation (dispatcher.md §5, decision 15). Revisions that stay are reused, missing ones are pulled; one that
/// cannot be had stays out of the table and is told. Where environment.json changed it says what is served; where only runtime-config.json did, that one.
/// </summary>
internal sealed class Reload(WorkerOptions options, RevisionPool pool, ILogger logger)
{
    private readonly RevisionFetcher _fetcher = new(options, logger);

    /// <summary>What is to be served; the same object when nothing changed that matters; or why the change is not taken over.</summary>
    /// <param name="current">What is served now.</param>
    /// <param name="isForced">Whether revisions that failed are tried again although nothing changed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Outcome<Serving>> RunAsync(Serving current, bool isForced, CancellationToken cancellationToken)
    {
        var files = options.Store.Files(options.Environment);
        if (!(await options.Store.LoadAsync(options.Environment, cancellationToken)).TryGet(out var document, out var refusal)
            || !new RuntimeConfigFile(files).Load().TryGet(out var written, out refusal)
            || !SignatureGate.Open(files, document, options, logger).TryGet(out var gate, out refusal))
        {
            return refusal;
        }

        var desired = DesiredRevisions.Of(document, options.OwnRevision, options.CanPull);
        var config = options.OwnRevision is null ? Decide(current, desired.Config, written) : desired.Config;
        if (!isForced && IsSame(config, current.Config) && Documents.Environment.ToLine(document).AsSpan().SequenceEqual(Documents.Environment.ToLine(current.Document)))
        {
            return current;
        }

        var problems = ImmutableArray.CreateBuilder<string>();
        await FetchAsync(document, config, gate, problems, cancellationToken);
        if (!new RevisionActivator(options, pool, gate, logger).Activate(document, config, isBoot: false, cancellationToken).TryGet(out var activation, out refusal))
        {
            return refusal;
        }

        if (options.OwnRevision is null && !IsSame(config, written) && await options.Store.SaveRuntimeConfigAsync(options.Environment, config, cancellationToken) is { } unsaved)
        {
            // A folder that is mounted read-only: what is served does not depend on it.
            problems.Add(unsaved.Message);
        }

        return current with { Document = document, Projected = desired.Config, Config = config, Activation = activation, Problems = problems.ToImmutable() };
    }

    private static RuntimeConfig Decide(Serving current, RuntimeConfig projected, RuntimeConfig written) =>
        !IsSame(projected, current.Projected) || written.Revisions.IsEmpty ? projected : IsSame(written, current.Config) ? current.Config : written;

    private static bool IsSame(RuntimeConfig one, RuntimeConfig other) =>
        one.Revisions.Length == other.Revisions.Length && Documents.RuntimeConfig.ToLine(one).AsSpan().SequenceEqual(Documents.RuntimeConfig.ToLine(other));

    private async Task FetchAsync(EnvironmentDocument document, RuntimeConfig config, SignatureGate gate, ImmutableArray<string>.Builder problems, CancellationToken cancellationToken)
    {
        foreach (var block in config.Revisions)
        {
            var revision = document.Revisions.FirstOrDefault(candidate => candidate.RevisionId == block.RevisionId);
            if (revision is null || !options.CanPull(revision) || _fetcher.IsOnDisk(block) || gate.Refuse(block.RevisionId) is not null)
            {
                continue;
            }

            if (await _fetcher.FetchAsync([revision], cancellationToken) is { } refusal)
            {
                problems.Add($"revision {block.RevisionId} could not be pulled: {refusal.Message}");
            }
        }
    }
}
