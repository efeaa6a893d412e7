using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op;

/// <summary>An environment on a store server. Who may change it, what is recorded and what a retry answers is the server's to say.</summary>
/// <param name="store">The server.</param>
/// <param name="artifacts">Its artifacts.</param>
/// <param name="environment">The environment, which need not exist.</param>
/// <param name="call">The call.</param>
internal sealed class RemotePlace(RemoteStore store, RemoteArtifacts artifacts, EnvId environment, VerbCall call) : OpPlace(environment)
{
    /// <summary>The server.</summary>
    public RemoteStore Store => store;

    /// <summary>What the server keeps by digest.</summary>
    public RemoteArtifacts Artifacts => artifacts;

    /// <summary>What the caller saw, for the first change; null not to ask.</summary>
    public ulong? Expected { get; set; }

    /// <summary>The entity tag that the caller saw, for the first change; null not to ask.</summary>
    public string? ExpectedEtag { get; set; }

    /// <inheritdoc/>
    public override string Shown => store.Address.ToString();

    /// <inheritdoc/>
    public override async Task<Outcome<bool>> ExistsAsync(CancellationToken cancellationToken) => (await FindAsync(cancellationToken)).Then<bool>(found => found is not null);

    /// <inheritdoc/>
    public override async Task<Outcome<EnvironmentDocument>> LoadAsync(CancellationToken cancellationToken) =>
        (await store.ShowAsync(Environment, null, cancellationToken)).Then<EnvironmentDocument>(found => found.Document);

    /// <inheritdoc/>
    public override async Task<Outcome<EnvironmentDocument>> LoadAtAsync(ulong generation, CancellationToken cancellationToken) =>
        (await store.ShowAsync(Environment, generation, cancellationToken)).Then<EnvironmentDocument>(found => found.Document);

    /// <inheritdoc/>
    public override Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(int limit, ulong? before, CancellationToken cancellationToken) =>
        store.HistoryAsync(Environment, limit, before, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken) => store.AuditAsync(Environment, filter, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(CancellationToken cancellationToken) => store.RuntimeAsync(Environment, cancellationToken);

    /// <inheritdoc/>
    public override Task<Outcome<TrustRoot>> LoadTrustRootAsync(CancellationToken cancellationToken) => store.TrustRootAsync(Environment, cancellationToken);

    /// <inheritdoc/>
    public override async Task<Outcome<T>> ChangeAsync<T>(OpChange<T> change, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(cancellationToken)).TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        // Who retries a change that stands saw an older generation: the server knows the key.
        var intent = change.Intent with { IdempotencyKey = change.Intent.IdempotencyKey ?? call.NewUlid().ToString() };
        var asked = await WhyStaleAsync(present, cancellationToken) is { } stale ? stale : change.Ask(present);
        var done = asked.TryGet(out var wire, out var why)
            ? await store.ChangeAsync(Request(intent, wire, change.Kept is not null), cancellationToken)
            : await AttemptAsync(intent, why, change is { Kept: not null, IsKeyMinted: false }, cancellationToken);
        if (!done.TryGet(out var made, out refusal))
        {
            // Where no answer can stand under the key, what was refused here is refused for the reason that was found here.
            if (why is not null && change.Kept is null && refusal is not Refusal.Unauthorized)
            {
                return why;
            }

            return refusal.MayStand && change.Kept is not null
                ? refusal with { Details = [.. refusal.Details, new("the change", $"may stand or not; the same command with --idempotency-key {intent.IdempotencyKey} does it once")] }
                : refusal;
        }

        (Expected, ExpectedEtag) = (null, null);
        var answer = (await DocumentAsync(made, cancellationToken)).Then(document => Answered(change, new WireAnswer(made.Result, made.Audit.Target, document, made.IsReplay)));

        // It was made, whatever hinders to tell what it came to.
        return answer.Refusal is { } untold ? untold with { MayStand = true } : answer;
    }

    /// <inheritdoc/>
    public override async Task<Outcome<T>> WorkAsync<T>(OutsideWork<T> work, CancellationToken cancellationToken)
    {
        if (await WhyStaleAsync(work.Reviewed, cancellationToken) is { } stale)
        {
            return await RefuseAsync(work.Intent, stale, cancellationToken);
        }

        var permission = work.Permission with { IsChained = false, SideEtag = StoredEnvironment.EtagOf(work.Reviewed) };
        if ((await store.ChangeAsync(Request(work.Intent, permission, mayStand: false), cancellationToken)).Refusal is { } denied)
        {
            return denied;
        }

        var done = await work.RunAsync(cancellationToken);
        if (work.EndedAsync is { } ended)
        {
            return await ended(this, done, cancellationToken) is { } untold && done.IsOk ? untold : done;
        }

        return done.Refusal is { } failed ? await RefuseAsync(work.Intent, failed, cancellationToken) : done;
    }

    /// <summary>Tells the server something that it only keeps, whatever the environment is by now.</summary>
    public Task<Outcome<RemoteChange>> TellAsync(string noun, string verb, WireRequest wire, CancellationToken cancellationToken) =>
        store.ChangeAsync(Request(new MutationIntent(Environment, noun, verb, []), wire with { IsChained = false }, mayStand: false), cancellationToken);

    /// <inheritdoc/>
    public override async Task<Outcome<EnvironmentFiles>> FilesAsync(EnvironmentDocument document, IEnumerable<string> more, CancellationToken cancellationToken)
    {
        var files = new EnvironmentFiles(new EnvironmentLayout(Environment, call.Scratch()), call.Context.Time, new RandomSource(call.Context.Random));
        var named = document.Packs.Select(pack => pack.AnswersRef).Concat(document.Extensions.Select(extension => extension.AnswersRef)).OfType<string>();
        foreach (var name in named.Append(CredentialsDocument.FileName).Concat(more).Distinct(StringComparer.Ordinal))
        {
            // What no server hands out is not there for whoever looks for it.
            if (!SideName.TryParse(name, out var side) || !OpenSides.Contains(side))
            {
                continue;
            }

            if (!(await store.FileAsync(Environment, side, cancellationToken)).TryGet(out var bytes, out var refusal))
            {
                return refusal;
            }

            var path = files.Layout.Resolve(name);
            if (bytes is not null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, bytes, cancellationToken);
            }
            else if (File.Exists(path))
            {
                File.Delete(path);
            }
        }

        return files;
    }

    /// <inheritdoc/>
    public override Task<Outcome<ulong>> RestoreAsync(ulong generation, ulong? expected, string key, CancellationToken cancellationToken)
    {
        Expected = expected ?? Expected;
        var target = new JsonObject { ["environment_id"] = Environment.ToString(), ["generation"] = generation };
        return ChangeAsync(
            new OpChange<ulong>(new MutationIntent(Environment, "env", "restore", target) { IdempotencyKey = key })
            {
                Kept = OpJson.Default.UInt64,
                OnFiles = _ => throw new InvalidOperationException("The files are on the server."),
                Ask = found => OpStore.Required(found, Environment).Then<WireRequest>(_ =>
                    WireRequest.With(HttpMethod.Post, ContractJson.Default.RestoreBody, new RestoreBody(generation), "restore-generation")),
                FromWire = answer => answer.Document.EnvGeneration ?? 0,
            },
            cancellationToken);
    }

    /// <summary>Ends the environment, and only as it was looked at: what somebody brought meanwhile stays.</summary>
    /// <returns>What the server answers when it is gone.</returns>
    public async Task<Outcome<JsonElement>> DestroyAsync(MutationIntent intent, EnvironmentDocument reviewed, bool force, CancellationToken cancellationToken)
    {
        if (await WhyStaleAsync(reviewed, cancellationToken) is { } stale)
        {
            return stale;
        }

        var wire = WireRequest.With(HttpMethod.Delete, ContractJson.Default.DestroyBody, new DestroyBody(force)) with { IsChained = false, SideEtag = StoredEnvironment.EtagOf(reviewed) };
        return (await store.ChangeAsync(Request(intent, wire, mayStand: false), cancellationToken)).Then<JsonElement>(made => made.Result);
    }

    /// <inheritdoc/>
    public override async Task<Refusal> RefuseAsync(MutationIntent intent, Refusal refusal, CancellationToken cancellationToken) =>
        (await AttemptAsync(intent, refusal, mayStand: false, cancellationToken)).Refusal is Refusal.Unauthorized denied ? denied : refusal;

    /// <summary>Why the environment is not the one that the caller saw, or null.</summary>
    private async Task<Refusal?> WhyStaleAsync(EnvironmentDocument? present, CancellationToken cancellationToken)
    {
        var found = present?.EnvGeneration ?? 0;
        if (ExpectedEtag is { } tag && (present is null ? "none" : StoredEnvironment.EtagOf(present)) is var actual && actual != tag)
        {
            return new Refusal.Conflict($"environment `{Environment}` is not the one of --if-match; nothing was done")
            {
                Details = [new("expected", tag), new("found", actual), new("generation", string.Create(CultureInfo.InvariantCulture, $"{found}"))],
                Next = $"gtc op env history {Environment}",
            };
        }

        if (Expected is not { } expected || expected == found)
        {
            return null;
        }

        var stale = new Refusal.StaleWrite((long)expected, (long)found);
        return (await HistoryAsync(Stale.LooksBack, null, cancellationToken)).Match(entries => Stale.With(stale, entries), _ => stale);
    }

    private RemoteRequest Request(MutationIntent intent, WireRequest wire, bool mayStand) => new(Environment, intent.Noun, intent.Verb)
    {
        Method = wire.Method,
        Segments = wire.Segments,
        Body = wire.Body,
        IsChained = wire.IsChained,
        SideEtag = wire.SideEtag,
        Key = intent.IdempotencyKey ?? call.NewUlid().ToString(),
        Asked = mayStand ? intent.AskedDigest() : null,
    };

    /// <summary>Tells the server what was refused here. When the change stands under the caller's key, that is the answer.</summary>
    private Task<Outcome<RemoteChange>> AttemptAsync(MutationIntent intent, Refusal refusal, bool mayStand, CancellationToken cancellationToken)
    {
        using var target = JsonDocument.Parse(intent.Target.ToJsonString());
        using var kept = JsonDocument.Parse(KeptRefusal.Write(refusal));
        var body = new AttemptBody(intent.Noun, intent.Verb, target.RootElement, kept.RootElement);
        return store.ChangeAsync(Request(intent, WireRequest.With(HttpMethod.Post, ContractJson.Default.AttemptBody, body, "attempts"), mayStand), cancellationToken);
    }

    private async Task<Outcome<EnvironmentDocument?>> FindAsync(CancellationToken cancellationToken)
    {
        var found = await store.ShowAsync(Environment, null, cancellationToken);
        return found.Refusal is Refusal.Missing ? (EnvironmentDocument?)null : found.Then<EnvironmentDocument?>(environment => environment.Document);
    }

    /// <summary>The environment after a change: many answers hold it.</summary>
    private async Task<Outcome<EnvironmentDocument>> DocumentAsync(RemoteChange made, CancellationToken cancellationToken) =>
        made.Result.ValueKind == JsonValueKind.Object && made.Result.TryGetProperty("environment", out var held)
            ? Documents.Environment.Parse(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(held))
            : await LoadAtAsync(made.Generation, cancellationToken);

    private static Outcome<T> Answered<T>(OpChange<T> change, WireAnswer answer)
    {
        try
        {
            return change.FromWire(answer);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            return new Refusal.Conflict($"the store server did it, but its answer is not understood: {error.Message}");
        }
    }
}
