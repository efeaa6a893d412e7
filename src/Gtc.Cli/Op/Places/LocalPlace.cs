using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>An environment in a folder of this machine.</summary>
/// <param name="store">The store.</param>
/// <param name="environment">The environment, which need not exist.</param>
/// <param name="variable">The process's variables.</param>
internal sealed class LocalPlace(FileEnvironmentStore store, EnvId environment, Func<string, string?> variable) : OpPlace(environment)
{
    /// <summary>The store.</summary>
    public FileEnvironmentStore Store => store;

    /// <summary>The environment's files.</summary>
    public EnvironmentLayout Layout => store.Layout.Environment(Environment);

    /// <summary>What the caller saw, for the first change; null not to ask.</summary>
    public ulong? Expected { get; set; }

    /// <inheritdoc/>
    public override string Shown => Layout.Folder;

    /// <inheritdoc/>
    public override async Task<Outcome<bool>> ExistsAsync(CancellationToken cancellationToken) => await store.ExistsAsync(Environment, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<EnvironmentDocument>> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Environment, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<EnvironmentDocument>> LoadAtAsync(ulong generation, CancellationToken cancellationToken) => store.LoadAtAsync(Environment, generation, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(int limit, ulong? before, CancellationToken cancellationToken) =>
        store.HistoryAsync(Environment, limit, before, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken) =>
        new AuditTrail(store).ReadAsync(Environment, filter, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(CancellationToken cancellationToken) => store.LoadRuntimeAsync(Environment, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<TrustRoot>> LoadTrustRootAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new TrustRootFile(store.Files(Environment)).Load().Then<TrustRoot>(root => root ?? TrustRoot.Empty));

    /// <inheritdoc/>
    public override async Task<Outcome<T>> ChangeAsync<T>(OpChange<T> change, CancellationToken cancellationToken)
    {
        var intent = change.Intent with { ExpectedGeneration = change.Intent.ExpectedGeneration ?? Expected };
        return await DoneAsync(
            change is { Kept: { } kept, IsKeyMinted: false }
                ? store.MutateAsync(intent, kept, change.OnFiles, cancellationToken)
                : store.MutateAsync(intent, change.OnFiles, cancellationToken),
            cancellationToken);
    }

    /// <summary>A change that is another one over a store server.</summary>
    public Task<Outcome<T>> ChangeFilesAsync<T>(MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken) =>
        DoneAsync(store.MutateAsync(intent with { ExpectedGeneration = Expected }, change, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public override async Task<Outcome<T>> WorkAsync<T>(OutsideWork<T> work, CancellationToken cancellationToken)
    {
        if (Expected is { } expected && expected != (work.Reviewed.EnvGeneration ?? 0))
        {
            var stale = new Refusal.StaleWrite((long)expected, (long)(work.Reviewed.EnvGeneration ?? 0));
            return await RefuseAsync(work.Intent, await WithHistoryAsync(stale, cancellationToken), cancellationToken);
        }

        return (await work.RunAsync(cancellationToken)).TryGet(out var done, out var refusal)
            ? await store.MutateAsync(work.Intent, change => work.OnFiles(change, done), cancellationToken)
            : await RefuseAsync(work.Intent, refusal, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Outcome<EnvironmentFiles>> FilesAsync(EnvironmentDocument document, IEnumerable<string> more, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<EnvironmentFiles>>(store.Files(Environment));

    /// <inheritdoc/>
    public override Task<Outcome<ulong>> RestoreAsync(ulong generation, ulong? expected, string key, CancellationToken cancellationToken) =>
        store.RestoreAsync(Environment, generation, expected ?? Expected, key, variable, cancellationToken);

    /// <inheritdoc/>
    public override async Task<Refusal> RefuseAsync(MutationIntent intent, Refusal refusal, CancellationToken cancellationToken) =>
        (await store.MutateAsync<bool>(intent, _ => refusal, cancellationToken)).Refusal ?? refusal;

    private async Task<Outcome<T>> DoneAsync<T>(Task<Outcome<T>> change, CancellationToken cancellationToken)
    {
        var done = await change;
        if (done.IsOk)
        {
            Expected = null;
        }

        return done.Refusal is Refusal.StaleWrite stale ? await WithHistoryAsync(stale, cancellationToken) : done;
    }

    private async Task<Refusal> WithHistoryAsync(Refusal.StaleWrite stale, CancellationToken cancellationToken) =>
        (await HistoryAsync(Stale.LooksBack, null, cancellationToken)).Match(entries => Stale.With(stale, entries), _ => stale);
}
