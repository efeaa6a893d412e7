using System.Text.Json.Nodes;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>
/// Does the steps of a plan, each as one change of the environment with the step's own key. A step that finds another environment than the step
/// before left behind is refused: somebody else wrote, and the plan no longer says what would happen.
/// </summary>
internal sealed class StepExecutor
{
    private readonly Planned _planned;
    private readonly OpPlace _at;
    private readonly OperatorKeyFile _keys;
    private readonly VerbCall _call;
    private readonly StepsOnFiles? _onFiles;
    private readonly StepsOnServer? _onServer;
    private readonly string _keySuffix;
    private EnvironmentDocument? _expected;

    private StepExecutor(Planned planned, PastedSecrets pasted, OpPlace at, OperatorKeyFile keys, VerbCall call)
    {
        _planned = planned;
        _at = at;
        _keys = keys;
        _call = call;
        _onFiles = at is LocalPlace local ? new StepsOnFiles(planned, pasted, local, keys, call) : null;
        _onServer = at is RemotePlace remote ? new StepsOnServer(planned, pasted, remote, call) : null;

        // What stands under a key is answered again by a server, and the same wish may come back later.
        _keySuffix = _onServer is null ? "" : $"-{call.NewUlid()}";
        _expected = planned.Current;
    }

    /// <summary>Gets ready.</summary>
    public static Outcome<StepExecutor> Open(Planned planned, PastedSecrets pasted, OpPlace at, VerbCall call) =>
        OpKeys.File(call).Then(keys => (Outcome<StepExecutor>)new StepExecutor(planned, pasted, at, keys, call));

    /// <summary>Does one step.</summary>
    public async Task<Outcome<EnvironmentDocument>> RunAsync(ApplyStep step, CancellationToken cancellationToken)
    {
        var done = step switch
        {
            ApplyStep.BootstrapTrustRoot => await ReloadAsync(await _at.ChangeAsync(TrustRootNoun.Bootstrap(_at, _keys, Key(step)), cancellationToken), cancellationToken),
            ApplyStep.TrustDid did => await ReloadAsync(await TrustAsync(did, cancellationToken), cancellationToken),
            ApplyStep.Deploy deploy => await DeployAsync(deploy, cancellationToken),
            _ when _onServer is not null => await OnServerAsync(_onServer, step, cancellationToken),
            _ => await ChangeAsync(step, context => _onFiles!.Apply(context, step), NotAsked, cancellationToken),
        };
        if (done.TryGet(out var after, out var refusal))
        {
            _expected = after;
            return done;
        }

        return _onServer is null ? done : await ExplainAsync(step, refusal, cancellationToken);
    }

    private async Task<Outcome<DidAddition>> TrustAsync(ApplyStep.TrustDid step, CancellationToken cancellationToken)
    {
        if (!DidWeb.Parse(step.Did).TryGet(out var did, out var malformed))
        {
            return new Refusal.InvalidArgument(malformed.Message);
        }

        if (!OpKeys.Roots(_call, _at).TryGet(out var roots, out var refusal))
        {
            return refusal;
        }

        using var transport = _call.Context.OpenHttp();
        return (await new DidResolver(transport).ResolveAsync(did, cancellationToken)).TryGet(out var document, out refusal)
            ? await roots.AddDidAsync(_at.Environment, did, document.Keys, Key(step), cancellationToken)
            : await _at.RefuseAsync(Intent(step), refusal, cancellationToken);
    }

    private Task<Outcome<EnvironmentDocument>> DeployAsync(ApplyStep.Deploy step, CancellationToken cancellationToken)
    {
        var target = Target(step, ("deployment_id", step.Work.DeploymentId.ToString()), ("revision_ids", string.Join(' ', step.Work.Stages.Select(stage => stage.RevisionId))));
        return new DeployPreparation(_at, _keys, _call).RunAsync(
            _expected!,
            step.Work,
            _planned.Source.PathOf,
            prepared => ChangeAsync(
                step,
                context => prepared.Then(ready => ready.Apply(context, context.Current!)).Then<Mutation<EnvironmentDocument>>(after =>
                    new Mutation<EnvironmentDocument>(after) { Document = after, RefreshesRuntimeConfig = true, Target = target }),
                () => prepared.Then<WireRequest>(ready => ready.Asked()),
                cancellationToken),
            cancellationToken);
    }

    /// <summary>Secrets are no part of the document: one that is pasted is a change of its own there, and what an endpoint's webhook proves itself with comes with the endpoint.</summary>
    private async Task<Outcome<EnvironmentDocument>> OnServerAsync(StepsOnServer steps, ApplyStep step, CancellationToken cancellationToken)
    {
        if (step is ApplyStep.AddEndpoint { Command.Provisioned: { } secret } add)
        {
            return await FetchedSecrets.ChangeAsync(
                (RemotePlace)_at, fetched => ChangeAsync(step, NotOnFiles, () => steps.Ask(add, _expected!, secret, fetched), cancellationToken), cancellationToken);
        }

        if (step is not ApplyStep.PutSecret put)
        {
            return await ChangeAsync(step, NotOnFiles, () => steps.Ask(step), cancellationToken);
        }

        var found = await _at.LoadAsync(cancellationToken);
        return (found.Refusal ?? (IsExpected(found.Value) ? null : Overtaken(step))) is { } refusal ? await _at.RefuseAsync(Intent(step), refusal, cancellationToken)
            : await steps.PutSecretAsync(put, Key(step), cancellationToken) is { } unwritten ? unwritten
            : found;
    }

    private Task<Outcome<EnvironmentDocument>> ChangeAsync(
        ApplyStep step, Func<MutationContext, Outcome<Mutation<EnvironmentDocument>>> onFiles, Func<Outcome<WireRequest>> ask, CancellationToken cancellationToken) => _at.ChangeAsync(
            new OpChange<EnvironmentDocument>(Intent(step))
            {
                OnFiles = context => IsExpected(context.Current) ? onFiles(context) : Overtaken(step),
                Ask = found => IsExpected(found) ? ask() : Overtaken(step),
                FromWire = answer => answer.Document,
            },
            cancellationToken);

    /// <summary>Between the look at a server's environment and the change of it somebody else may have been faster, or the connection may have broken.</summary>
    private async Task<Refusal> ExplainAsync(ApplyStep step, Refusal refusal, CancellationToken cancellationToken)
    {
        if (refusal is Refusal.Unreachable or { MayStand: true })
        {
            return refusal with { Details = [.. refusal.Details, new("the step", "may stand or not; the manifest applied again goes on from where the environment is then")] };
        }

        var overtaken = Overtaken(step);
        return refusal is Refusal.Conflict && refusal.Message != overtaken.Message && (await _at.LoadAsync(cancellationToken)).Match(found => !IsExpected(found), _ => false)
            ? overtaken with { Details = [.. overtaken.Details, .. refusal.Details] }
            : refusal;
    }

    private async Task<Outcome<EnvironmentDocument>> ReloadAsync<T>(Outcome<T> done, CancellationToken cancellationToken) =>
        done.IsOk ? await _at.LoadAsync(cancellationToken) : done.Refusal!;

    private bool IsExpected(EnvironmentDocument? found) => (found, _expected) switch
    {
        (null, null) => true,
        ({ } left, { } right) => Documents.Environment.ToLine(left with { EnvGeneration = null }).AsSpan().SequenceEqual(Documents.Environment.ToLine(right with { EnvGeneration = null })),
        _ => false,
    };

    private Refusal.Conflict Overtaken(ApplyStep step) => new($"environment `{_at.Environment}` was changed by somebody else before step {step.Kind} `{step.Key}`")
    {
        Details = [new("done", "the steps before it stand")],
        Next = "apply the manifest again: it goes on from here",
    };

    private string Key(ApplyStep step) => step.IdempotencyKey + _keySuffix;

    private MutationIntent Intent(ApplyStep step) => new(_at.Environment, "env", "apply", Target(step)) { IdempotencyKey = Key(step) };

    private JsonObject Target(ApplyStep step, params ReadOnlySpan<(string Key, string? Value)> more) =>
        OpStore.Target([("environment_id", _at.Environment.ToString()), ("step", step.Kind), ("key", step.Key), .. more]);

    private static Outcome<Mutation<EnvironmentDocument>> NotOnFiles(MutationContext context) => throw new InvalidOperationException("The files are on the server.");

    private static Outcome<WireRequest> NotAsked() => throw new InvalidOperationException("The files are here.");
}
