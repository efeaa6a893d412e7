using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Clusters;

/// <summary>What was converged, and as whom.</summary>
internal sealed record Converged(EnvironmentDocument Document, ClusterSettings Settings, string Identity, ReconcileReport Report)
{
    /// <summary>What became of devices; null where there are none.</summary>
    public FleetReport? Fleet { get; init; }

    /// <summary>What was discovered when it began.</summary>
    public EnvironmentRuntime? Before { get; init; }
}

/// <summary>An environment and what is rendered for it.</summary>
internal sealed record Prepared(EnvironmentDocument Document, ClusterSettings Settings);

/// <summary>Brings an environment to its cluster and records it: one audit line, and runtime.json with what the cluster gave.</summary>
internal static class Convergence
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(300);

    /// <summary>How long rollouts are waited for: what is asked, else GREENTIC_K8S_WARM_READY_TIMEOUT_SECS, else 300 s; null not to wait.</summary>
    public static Outcome<TimeSpan?> Wait(bool noWait, uint? seconds, VerbCall call)
    {
        var text = call.Context.Variable("GREENTIC_K8S_WARM_READY_TIMEOUT_SECS");
        return (noWait, seconds, text) switch
        {
            (true, not null, _) => new Refusal.InvalidArgument("no_wait and timeout exclude each other"),
            (true, _, _) => (TimeSpan?)null,
            (_, { } given, _) => TimeSpan.FromSeconds(given),
            (_, _, null or "") => (TimeSpan?)UsualWait,
            _ => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                ? TimeSpan.FromSeconds(from)
                : new Refusal.InvalidArgument($"GREENTIC_K8S_WARM_READY_TIMEOUT_SECS `{text}` must be seconds"),
        };
    }

    /// <summary>Where lines about what is being done go: to a person who waits, and nowhere else.</summary>
    public static Action<string>? Progress(VerbCall call) =>
        call is { Format: OutputFormat.Table, Context.IsErrorTerminal: true } ? line => call.Context.Stderr.WriteLine($"  {line}") : null;

    /// <summary>Converges and records.</summary>
    /// <param name="at">Where.</param>
    /// <param name="payload">What is asked.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it; the next run goes on.</param>
    public static async Task<Outcome<Converged>> RunAsync(OpPlace at, ReconcilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var intent = OpStore.Intent(at.Environment, "env", "reconcile", ("environment_id", at.Environment.ToString()), ("kind", payload.Kind));
        if (!(await PlanAsync(at, payload, call, cancellationToken)).TryGet(out var planned, out var refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        return await at.WorkAsync(
            new OutsideWork<Converged>(intent, planned.Prepared.Document)
            {
                Permission = WireRequest.Bare(HttpMethod.Post, "reconcile"),
                RunAsync = stop => ConvergeAsync(at, planned, payload, call, stop),
                OnFiles = (change, done) => change.Required(at.Environment).Then(current =>
                {
                    if (!Documents.Environment.ToLine(current).AsSpan().SequenceEqual(Documents.Environment.ToLine(done.Document)))
                    {
                        WarnOfChange(at.Environment, call);
                    }

                    return payload.DryRun || Record(change, done) is not { } unwritten ? new Mutation<Converged>(done) : (Outcome<Mutation<Converged>>)unwritten;
                }),
                EndedAsync = (server, done, stop) => TellAsync(server, planned with { Runtime = done.Match(converged => converged.Before, _ => planned.Runtime) }, done, payload.DryRun, call, stop),
            },
            cancellationToken);
    }

    /// <summary>An environment whose bound deployer has a cluster, with what is rendered for it.</summary>
    public static async Task<Outcome<Prepared>> PrepareAsync(OpPlace at, string? kind, string verb, SecretContent content, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !DeployerKind.Resolve(document, kind, verb, isLive: true).Then(HasCluster).TryGet(out var resolved, out refusal)
            || !(await ClusterSettings.ReadAsync(document, resolved, content, at, call, cancellationToken)).TryGet(out var settings, out refusal))
        {
            return refusal;
        }

        if (document.EnvironmentId != EnvId.Local && !settings.RuntimeImage.Contains("@sha256:", StringComparison.Ordinal))
        {
            call.Warn($"runtime_image {settings.RuntimeImage} names no digest, so another image may run after a restart");
        }

        return new Prepared(document, settings);
    }

    private static Outcome<PackDescriptor> HasCluster(PackDescriptor kind) => DeployerKind.HasCluster(kind)
        ? kind
        : new Refusal.Conflict($"`{kind}` has no cluster to bring anything to") { Details = [new("expected", $"{DeployerKind.Kubernetes}@1.0.0 or {DeployerKind.Fleet}@1.0.0 in slot deployer")] };

    /// <summary>What can be found out without touching anything.</summary>
    private static async Task<Outcome<Planned>> PlanAsync(OpPlace at, ReconcilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Drift(payload.Drift).TryGet(out var drift, out var refusal)
            || !Wait(payload.NoWait, payload.Timeout, call).TryGet(out var wait, out refusal)
            || !(await PrepareAsync(at, payload.Kind, "reconcile", payload.DryRun ? SecretContent.AsItIs : SecretContent.Completed, call, cancellationToken)).TryGet(out var prepared, out refusal)
            || !(await CredentialsGate.PassAsync(prepared.Document, payload.RequireValidCredentials, at, call, cancellationToken)).TryGet(out _, out refusal)
            || !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var runtime, out refusal))
        {
            return refusal;
        }

        return !payload.AbandonPrevious && PlaceRecord.WhyNotElsewhere(runtime, prepared.Settings, at.Environment) is { } elsewhere ? elsewhere : new Planned(prepared, drift, wait, runtime);
    }

    private static async Task<Outcome<Converged>> ConvergeAsync(OpPlace at, Planned planned, ReconcilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await StoreIdentity.LabelAsync(at, call, cancellationToken)).TryGet(out var store, out var refusal)
            || !(await ClusterAccess.OpenAsync(planned.Prepared.Document, planned.Prepared.Settings, at, call, cancellationToken)).TryGet(out var access, out refusal))
        {
            return refusal;
        }

        using (access)
        {
            var before = planned.Runtime;
            if (!payload.DryRun && !(await PlaceRecord.BeginAsync(at, before, planned.Prepared.Settings, call, cancellationToken)).TryGet(out before, out refusal))
            {
                return refusal;
            }

            var options = new ReconcileOptions
            {
                Drift = planned.Drift,
                Adopts = payload.Adopt,
                IsDryRun = payload.DryRun,
                IsBound = access.IsBound,
                Store = store,
                Wait = planned.Wait,
                Progress = Progress(call),
            };
            return (await ConvergeAsync(planned.Prepared.Document, planned.Prepared.Settings, access, options, call, cancellationToken)).Then(done =>
            {
                foreach (var warning in done.Report.Warnings)
                {
                    call.Warn(warning);
                }

                return (Outcome<Converged>)(done with { Before = before });
            });
        }
    }

    private static async Task<Outcome<Converged>> ConvergeAsync(EnvironmentDocument document, ClusterSettings settings, ClusterAccess access, ReconcileOptions options, VerbCall call, CancellationToken cancellationToken) => settings switch
    {
        ClusterSettings.OfFleet fleet => (await new FleetReconciler(access.Client, call.Context.Time).RunAsync(document, fleet.Fleet, options, cancellationToken))
            .Then<Converged>(report => new Converged(document, settings, access.Identity, report.Objects) { Fleet = report }),
        ClusterSettings.OfCluster cluster => (await new Reconciler(access.Client, call.Context.Time).RunAsync(document, cluster.Render, options, cancellationToken))
            .Then<Converged>(report => new Converged(document, settings, access.Identity, report)),
        _ => throw new InvalidOperationException($"{settings.Kind} has no reconciler."),
    };

    private static Outcome<DriftChoice> Drift(string? word) => word switch
    {
        null or "repair" => DriftChoice.Repair,
        "report" => DriftChoice.Report,
        "adopt" => DriftChoice.Adopt,
        _ => new Refusal.InvalidArgument($"drift `{word}` must be report, repair or adopt"),
    };

    private static Refusal? Record(MutationContext change, Converged done)
    {
        var read = change.Files.Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes);
        if (read.Refusal is { } unreadable)
        {
            return unreadable;
        }

        var previous = read.Value is { } bytes && Documents.EnvironmentRuntime.Parse(bytes).TryGet(out var parsed, out _) ? parsed : null;
        return Discovered(previous, done, change.Now) is { } runtime ? change.Files.Replace(EnvironmentLayout.RuntimeName, Documents.EnvironmentRuntime.ToFile(runtime)) : null;
    }

    /// <summary>Gives a store server what the cluster gave, and says how the convergence ended.</summary>
    private static async Task<Refusal?> TellAsync(RemotePlace server, Planned planned, Outcome<Converged> done, bool isDryRun, VerbCall call, CancellationToken cancellationToken)
    {
        if (done.IsOk && isDryRun)
        {
            return null;
        }

        var untold = done.IsOk ? await DiscoveredAsync(server, planned.Runtime, done.Value, call, cancellationToken) : null;
        var completion = done.Match(
            converged => new CompletionBody { Status = "succeeded", Applied = (ulong)converged.Report.Applied.Count(item => item.Outcome != ObjectOutcome.Left), Pruned = (ulong)converged.Report.Pruned.Length },
            refusal => new CompletionBody { Status = "failed", Error = refusal.Message });
        var reviewed = planned.Prepared.Document;
        var body = new ReconcileCompleteBody(reviewed.EnvGeneration ?? 0, StoredEnvironment.EtagOf(reviewed), completion);
        var ended = await server.TellAsync("env", "reconcile-complete", WireRequest.With(HttpMethod.Post, ContractJson.Default.ReconcileCompleteBody, body, "reconcile", "complete"), cancellationToken);
        if (ended.TryGet(out var recorded, out var refused) && recorded.Etag != body.AuthorizedEtag)
        {
            WarnOfChange(server.Environment, call);
        }

        return (untold ?? refused) is { } why && done.IsOk
            ? why with { Message = $"the cluster is converged, only the record of it is missing: {why.Message}", Next = $"gtc op env reconcile {server.Environment}" }
            : null;
    }

    /// <summary>Gives a store server what the cluster gave. Where somebody else did meanwhile, it joins what is known by then, as under the lock of files.</summary>
    /// <returns>Why it could not; null on success.</returns>
    private static async Task<Refusal?> DiscoveredAsync(RemotePlace server, EnvironmentRuntime? known, Converged done, VerbCall call, CancellationToken cancellationToken)
    {
        while (Discovered(known, done, call.Context.Time.GetUtcNow()) is { } runtime)
        {
            var body = new RuntimeBody(runtime.Discovered, runtime.GeneratedBy, known?.Generation ?? 0);
            var told = await server.TellAsync("runtime", "set", WireRequest.With(HttpMethod.Put, ContractJson.Default.RuntimeBody, body, "runtime"), cancellationToken);
            if (told.Refusal is not Refusal.Conflict { MayStand: false } refused)
            {
                return told.Refusal;
            }

            if (!(await server.LoadRuntimeAsync(cancellationToken)).TryGet(out var now, out _) || (now?.Generation ?? 0) == body.ExpectedGeneration)
            {
                return refused;
            }

            known = now;
        }

        return null;
    }

    private static void WarnOfChange(EnvId environment, VerbCall call) => call.Warn($"environment `{environment}` was changed meanwhile: gtc op env reconcile {environment}");

    /// <summary>What the cluster gave, beside what was known; null when it is known already.</summary>
    private static EnvironmentRuntime? Discovered(EnvironmentRuntime? previous, Converged done, DateTimeOffset now)
    {
        var discovered = (previous?.Discovered ?? ImmutableSortedDictionary<string, JsonElement>.Empty)
            .RemoveRange(done.Settings is ClusterSettings.OfCluster ? Reconciler.Discovers : [])
            .SetItem(PlaceRecord.Key, PlaceRecord.Value(done.Settings));
        foreach (var (key, value) in done.Report.Discovered)
        {
            discovered = discovered.SetItem(key, JsonSerializer.SerializeToElement(value, ClusterJson.Default.String));
        }

        var runtime = new EnvironmentRuntime
        {
            Schema = Schemas.EnvironmentRuntime,
            EnvironmentId = done.Document.EnvironmentId,
            Discovered = discovered,
            GeneratedAt = now,
            GeneratedBy = done.Settings.Kind,
            Generation = (previous?.Generation ?? 0) + 1,
        };
        var isSame = previous is not null && previous.GeneratedBy == runtime.GeneratedBy
            && Documents.EnvironmentRuntime.ToLine(previous with { GeneratedAt = runtime.GeneratedAt, Generation = runtime.Generation }).AsSpan().SequenceEqual(Documents.EnvironmentRuntime.ToLine(runtime));
        return isSame ? null : runtime;
    }

    /// <param name="Prepared">The environment and what is rendered for it.</param>
    /// <param name="Drift">What becomes of what somebody else changed.</param>
    /// <param name="Wait">How long rollouts are waited for; null not to.</param>
    /// <param name="Runtime">What was known of the cluster before.</param>
    private sealed record Planned(Prepared Prepared, DriftChoice Drift, TimeSpan? Wait, EnvironmentRuntime? Runtime);
}
