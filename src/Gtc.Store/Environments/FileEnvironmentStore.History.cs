using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What an environment was, and how it gets back there. Reading takes no lock and writes nothing.</summary>
public sealed partial class FileEnvironmentStore
{
    /// <summary>The newest generations, newest first. One without a journal yet has none.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="limit">The most generations.</param>
    /// <param name="before">Only those before this one, to read on; null to begin with the newest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) =>
        Task.FromResult(Reading(environment, folder => History(folder, limit, before, cancellationToken)));

    /// <summary>The document of a generation; <see cref="Refusal.Missing"/> when the journal does not hold it.</summary>
    public Task<Outcome<EnvironmentDocument>> LoadAtAsync(EnvId environment, ulong generation, CancellationToken cancellationToken) =>
        Task.FromResult(LoadAt(environment, generation));

    /// <summary>As <see cref="LoadAtAsync"/>, for a change that is running.</summary>
    public Outcome<EnvironmentDocument> DocumentAt(EnvId environment, ulong generation) => LoadAt(environment, generation);

    /// <summary>Makes the document of an earlier generation the newest one. It is an ordinary change: what lies beside the document, as secrets and trusted keys, stays; what was revoked gets no traffic back; keys inside the document follow trust-root.json, and the answers of its bindings come back.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="generation">The generation to go back to.</param>
    /// <param name="expected">The generation that the caller saw, or null not to ask.</param>
    /// <param name="idempotencyKey">The caller's key, or null.</param>
    /// <param name="variable">The process's variables, which may narrow the keys that are believed (<see cref="RevisionTrust"/>).</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The new generation.</returns>
    public Task<Outcome<ulong>> RestoreAsync(EnvId environment, ulong generation, ulong? expected, string? idempotencyKey, Func<string, string?> variable, CancellationToken cancellationToken)
    {
        var target = new JsonObject { ["environment_id"] = environment.ToString(), ["generation"] = generation };
        var intent = new MutationIntent(environment, "env", "restore", target) { IdempotencyKey = idempotencyKey, ExpectedGeneration = expected };
        return MutateAsync(intent, JournalJson.Default.UInt64, context => LoadAt(environment, generation)
            .Then(document => SignedMembers.FollowTrustRoot(context.Files, document))
            .Then(document => RevocationGate.Routed(context.Current, document, context, variable))
            .Then(document => BindingAnswers.Recall(context.Files, context.Current, document) is { } lost ? lost : (Outcome<EnvironmentDocument>)document)
            .Then(document => (Outcome<Mutation<ulong>>)new Mutation<ulong>(context.NextGeneration)
            {
                Document = document,
                RefreshesRuntimeConfig = true,
                PreviousGeneration = context.Generation,
                NewGeneration = context.NextGeneration,
            }), cancellationToken);
    }

    /// <summary>Writes again every view that is late, as the next change would, and takes in what was edited by hand.</summary>
    /// <returns>The generation.</returns>
    public Task<Outcome<ulong>> CatchUpAsync(EnvId environment, CancellationToken cancellationToken) => Queue(environment).CatchUpAsync(cancellationToken);

    /// <summary>
    /// Finds damage of the journal, and repairs it when asked: damaged segments are set aside as <c>*.damaged</c>, their readable
    /// start stays, and environment.json, which is a whole document, becomes the newest generation. Only history is lost.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="apply">Whether to repair; else nothing is written.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<JournalRepair>> RepairJournalAsync(EnvId environment, bool apply, CancellationToken cancellationToken) =>
        Queue(environment).RepairAsync(apply, cancellationToken);

    private static Outcome<ImmutableArray<GenerationEntry>> History(JournalFolder folder, int limit, ulong? before, CancellationToken cancellationToken)
    {
        var found = ImmutableArray.CreateBuilder<GenerationEntry>();
        foreach (var path in folder.Segments().Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!folder.Records(path).TryGet(out var records, out var refusal))
            {
                return refusal;
            }

            foreach (var record in records.Reverse())
            {
                if (found.Count >= limit)
                {
                    return found.ToImmutable();
                }

                if (record.ChangesDocument && (before is null || record.Generation < before))
                {
                    found.Add(Entry(record));
                }
            }
        }

        return found.ToImmutable();
    }

    private static GenerationEntry Entry(JournalRecord record) => Documents.AuditEvent.Parse(JournalRecord.Bytes(record.Audit)).TryGet(out var line, out var refusal)
        ? new(record.Generation, line.Ts, line.Actor, line.Noun, line.Verb, line.Target, line.IdempotencyKey, line.EventId)
        : throw new JournalFormatException(refusal.Message);

    private Outcome<EnvironmentDocument> LoadAt(EnvId environment, ulong generation) =>
        Reading(environment, folder => folder.At(generation).Then(document => Standing.FromJournal(document, generation)));

    private Outcome<T> Reading<T>(EnvId environment, Func<JournalFolder, Outcome<T>> read)
    {
        var folder = new JournalFolder(_atomic, Layout.Environment(environment));
        try
        {
            return read(folder);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the journal of environment `{environment}` could not be read", error);
        }
        catch (JournalFormatException error)
        {
            return folder.Damaged(Layout.Environment(environment).Journal, 0, error.Message);
        }
    }
}
