using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// From environment.json to something that answers (worker-runtime.md §3): pull what is routed and not on disk, verify, unpack,
/// write runtime-config.json, activate. It fails closed: on a cold boot every failure is a refusal. Where an older configuration
/// is live, a failed pull leaves that one in place and serving.
/// </summary>
internal sealed partial class BootSeam(WorkerOptions options, RevisionPool pool, ILogger logger)
{
    private readonly FileEnvironmentStore _store = options.Store;
    private readonly EnvId _environment = options.Environment;
    private readonly RevisionFetcher _fetcher = new(options, logger);

    public async Task<Outcome<Serving>> RunAsync(CancellationToken cancellationToken)
    {
        if (!(await LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !new RuntimeConfigFile(_store.Files(_environment)).Load().TryGet(out var live, out refusal)
            || !SignatureGate.Open(_store.Files(_environment), document, options, logger).TryGet(out var gate, out refusal))
        {
            return refusal;
        }

        if (options.SharesFolder)
        {
            // What is written there is the whole environment's; a worker of one revision stands on its own feet.
            live = live with { Revisions = [] };
        }

        var desired = DesiredRevisions.Of(document, options.OwnRevision, options.CanPull);
        var reached = await ReachAsync(desired, live, gate, cancellationToken);
        if (!reached.TryGet(out var step, out refusal))
        {
            return refusal;
        }

        var activation = Activate(document, step.Config, gate, cancellationToken);
        var repairable = desired.Pullable.RemoveAll(revision => step.Config.Revisions.All(block => block.RevisionId != revision.RevisionId));
        if (activation.Refusal is Refusal.DigestMismatch damage && !repairable.IsEmpty)
        {
            // What is on disk is not what was pinned, as after a power cut. The source has it.
            Log.Damaged(logger, damage.Message);
            if (await _fetcher.FetchAsync(repairable, cancellationToken) is { } failed)
            {
                return failed;
            }

            activation = Activate(document, step.Config, gate, cancellationToken);
        }

        return activation.Then<Serving>(active => new Serving { Document = document, Projected = desired.Config, Config = step.Config, Activation = active, Problems = step.Problems });
    }

    private Outcome<Activation> Activate(EnvironmentDocument document, RuntimeConfig config, SignatureGate gate, CancellationToken cancellationToken) =>
        new RevisionActivator(options, pool, gate, logger).Activate(document, config, isBoot: true, cancellationToken);

    private async Task<Outcome<EnvironmentDocument>> LoadAsync(CancellationToken cancellationToken)
    {
        if (_environment == EnvId.Local && !await _store.ExistsAsync(_environment, cancellationToken))
        {
            Log.CreatingLocal(logger, options.EnvironmentFolder);
            var intent = new MutationIntent(_environment, "env", "init", new() { ["environment_id"] = _environment.ToString(), ["public_base_url_applied"] = false });
            var created = await _store.MutateAsync<bool>(
                intent,
                context => new Mutation<bool>(true) { Document = context.Current ?? EnvironmentVerbs.CreateLocal() },
                cancellationToken);
            if (created.Refusal is { } refusal)
            {
                return refusal;
            }
        }

        return await _store.LoadAsync(_environment, cancellationToken);
    }

    /// <summary>Makes what is on disk match what is desired, or says which older configuration stays.</summary>
    private async Task<Outcome<Reached>> ReachAsync(DesiredRevisions desired, RuntimeConfig live, SignatureGate gate, CancellationToken cancellationToken)
    {
        if (gate.Refuse(desired.Config) is { } untrusted)
        {
            return await KeepOlderAsync(live, untrusted, gate, cancellationToken);
        }

        var missing = desired.Pullable.Where(revision => !_fetcher.IsOnDisk(revision)).ToImmutableArray();
        // Lengths first: on a cold boot nothing is live, and nothing needs to be written out to see that.
        var isSame = live.Revisions.Length == desired.Config.Revisions.Length
            && Documents.RuntimeConfig.ToLine(live).AsSpan().SequenceEqual(Documents.RuntimeConfig.ToLine(desired.Config));
        if (missing.IsEmpty && isSame)
        {
            return new Reached(live, []);
        }

        if (await _fetcher.FetchAsync(missing, cancellationToken) is { } failed)
        {
            return await KeepOlderAsync(live, failed, gate, cancellationToken);
        }

        if (!missing.IsEmpty)
        {
            Log.Materialized(logger, missing.Length, _environment);
        }

        if (!desired.Config.Revisions.IsEmpty && !desired.Config.Revisions.Any(_fetcher.IsOnDisk))
        {
            Log.NothingOnDisk(logger, desired.Config.Revisions.Length);
            return new Reached(desired.Config with { Revisions = [] }, ["routed revisions are neither on this host nor pullable: they name no bundle_source_uri"]);
        }

        return !options.SharesFolder && await _store.SaveRuntimeConfigAsync(_environment, desired.Config, cancellationToken) is { } refused
            ? refused
            : new Reached(desired.Config, []);
    }

    /// <summary>What is live stays and serves, as long as it is still trusted itself.</summary>
    private async Task<Outcome<Reached>> KeepOlderAsync(RuntimeConfig live, Refusal reason, SignatureGate gate, CancellationToken cancellationToken)
    {
        if (live.Revisions.IsEmpty || gate.Refuse(live) is not null)
        {
            return reason;
        }

        Log.OlderStays(logger, live.Revisions.Length, reason.Message);
        return new Reached(live, [reason.Message]);
    }

    private sealed record Reached(RuntimeConfig Config, ImmutableArray<string> Problems);
}
