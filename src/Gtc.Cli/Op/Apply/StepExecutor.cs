using System.Text.Json.Nodes;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.Messaging;
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
    private readonly PastedSecrets _pasted;
    private readonly LocalPlace _at;
    private readonly OperatorKeyFile _keys;
    private readonly VerbCall _call;
    private EnvironmentDocument? _expected;

    private StepExecutor(Planned planned, PastedSecrets pasted, LocalPlace at, OperatorKeyFile keys, VerbCall call)
    {
        _planned = planned;
        _pasted = pasted;
        _at = at;
        _keys = keys;
        _call = call;
        _expected = planned.Current;
    }

    private LocalTrustRoots Roots => new(_at.Store, _keys);

    /// <summary>Gets ready.</summary>
    public static Outcome<StepExecutor> Open(Planned planned, PastedSecrets pasted, LocalPlace at, VerbCall call) =>
        OpKeys.File(call).Then(keys => (Outcome<StepExecutor>)new StepExecutor(planned, pasted, at, keys, call));

    /// <summary>Does one step.</summary>
    public async Task<Outcome<EnvironmentDocument>> RunAsync(ApplyStep step, CancellationToken cancellationToken)
    {
        var done = step switch
        {
            ApplyStep.EnsureEnvironment => await ChangeAsync(step, EnsureEnvironment, cancellationToken),
            ApplyStep.BootstrapTrustRoot => await ReloadAsync(await Roots.BootstrapAsync(_at.Environment, step.IdempotencyKey, cancellationToken), cancellationToken),
            ApplyStep.TrustDid did => await ReloadAsync(await TrustAsync(did, cancellationToken), cancellationToken),
            ApplyStep.Deploy deploy => await DeployAsync(deploy, cancellationToken),
            _ => await ChangeAsync(step, context => Apply(context, step), cancellationToken),
        };
        if (done.IsOk)
        {
            _expected = done.Value;
        }

        return done;
    }

    private static Mutation<EnvironmentDocument> Changed(EnvironmentDocument document) => new(document) { Document = document, RefreshesRuntimeConfig = true };

    private static Mutation<EnvironmentDocument> Untouched(EnvironmentDocument document) => new(document);

    private Outcome<Mutation<EnvironmentDocument>> EnsureEnvironment(MutationContext context) =>
        EnvironmentInit.Heal(context, _keys, url: null).Then(healed => (Outcome<Mutation<EnvironmentDocument>>)new Mutation<EnvironmentDocument>(healed.Document ?? context.Current!)
        {
            Document = healed.Document,
        });

    /// <summary>The document first, then what lies beside it, so that a refusal leaves nothing behind.</summary>
    private Outcome<Mutation<EnvironmentDocument>> Apply(MutationContext context, ApplyStep step)
    {
        var effects = new DeployEffects { Issue = deployment => new RevenuePolicies(_keys).Issue(context, deployment) };
        return ApplySteps.Apply(context.Current, step, effects, context.Now).Then(after => Beside(context, step, after) is { } refusal
            ? refusal
            : (Outcome<Mutation<EnvironmentDocument>>)(step is ApplyStep.PutSecret or ApplyStep.ConfigureUpdates ? Untouched(after) : Changed(after)));
    }

    private Refusal? Beside(MutationContext context, ApplyStep step, EnvironmentDocument after) => step switch
    {
        ApplyStep.BindPack { Answers: { } answers } bind => Stage(context, bind.Binding.AnswersRef!, answers),
        ApplyStep.BindExtension { Answers: { } answers } bind => Stage(context, bind.Binding.AnswersRef!, answers),
        ApplyStep.AddEndpoint add => PutWebhookSecret(after, add),
        ApplyStep.PutSecret put => PutSecret(after, put),
        ApplyStep.ConfigureUpdates updates => context.Files.Replace(WorldFacts.UpdateChannelName, Documents.UpdateChannel.ToFile(updates.Channel)),
        _ => null,
    };

    private Refusal? Stage(MutationContext context, string reference, StagedAnswers answers) =>
        BindingAnswers.Stage(context.Files, reference, answers.File is { } file ? _planned.World.Answers[file] : answers.Inline);

    private Refusal? PutSecret(EnvironmentDocument document, ApplyStep.PutSecret put)
    {
        if (put.FromEnv is null)
        {
            return Put(_pasted[put.Path]);
        }

        // The variable was set when the plan was made, and a process's variables do not change by themselves.
        if (!SecretValue.Of(_call.Context.Variable(put.FromEnv) ?? "").TryGet(out var value, out var refusal))
        {
            return refusal;
        }

        using (value)
        {
            return Put(value);
        }

        Refusal? Put(SecretValue given) => SecretPath.Parse(put.Path).Then(path => path.In(_at.Environment)).Then(uri =>
            OpenSecrets(document).Then(store => store.Put(uri, given))).Refusal;
    }

    private Outcome<SecretStore> OpenSecrets(EnvironmentDocument document)
    {
        var opened = SecretsNoun.Open(document, _at, _call);
        if (opened.IsOk)
        {
            SecretsNoun.Warn(opened.Value, _call);
        }

        return opened;
    }

    /// <summary>What a provider of the Telegram class proves itself with.</summary>
    private Refusal.Conflict? PutWebhookSecret(EnvironmentDocument document, ApplyStep.AddEndpoint add) =>
        document.MessagingEndpoints.First(endpoint => endpoint.EndpointId == add.Command.EndpointId).WebhookSecretRef is { } reference
            ? WebhookSecretMint.Write(_at, document, reference, _call)
            : null;

    private async Task<Outcome<DidAddition>> TrustAsync(ApplyStep.TrustDid step, CancellationToken cancellationToken)
    {
        if (!DidWeb.Parse(step.Did).TryGet(out var did, out var malformed))
        {
            return new Refusal.InvalidArgument(malformed.Message);
        }

        using var transport = _call.Context.OpenHttp();
        return (await new DidResolver(transport).ResolveAsync(did, cancellationToken)).TryGet(out var document, out var refusal)
            ? await Roots.AddDidAsync(_at.Environment, did, document.Keys, step.IdempotencyKey, cancellationToken)
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
                context => prepared.Then(ready => ready.Apply(context, context.Current!)).Then<Mutation<EnvironmentDocument>>(after => Changed(after) with { Target = target }),
                cancellationToken),
            cancellationToken);
    }

    private Task<Outcome<EnvironmentDocument>> ChangeAsync(
        ApplyStep step, Func<MutationContext, Outcome<Mutation<EnvironmentDocument>>> change, CancellationToken cancellationToken) => _at.Store.MutateAsync(
            Intent(step),
            context => IsExpected(context.Current) ? change(context) : new Refusal.Conflict($"environment `{_at.Environment}` was changed by somebody else before step {step.Kind} `{step.Key}`")
            {
                Details = [new("done", "the steps before it stand")],
                Next = "apply the manifest again: it goes on from here",
            },
            cancellationToken);

    private async Task<Outcome<EnvironmentDocument>> ReloadAsync<T>(Outcome<T> done, CancellationToken cancellationToken) =>
        done.IsOk ? await _at.Store.LoadAsync(_at.Environment, cancellationToken) : done.Refusal!;

    private bool IsExpected(EnvironmentDocument? found) => (found, _expected) switch
    {
        (null, null) => true,
        ({ } left, { } right) => Documents.Environment.ToLine(left with { EnvGeneration = null }).AsSpan().SequenceEqual(Documents.Environment.ToLine(right with { EnvGeneration = null })),
        _ => false,
    };

    private MutationIntent Intent(ApplyStep step) => new(_at.Environment, "env", "apply", Target(step)) { IdempotencyKey = step.IdempotencyKey };

    private JsonObject Target(ApplyStep step, params ReadOnlySpan<(string Key, string? Value)> more) =>
        OpStore.Target([("environment_id", _at.Environment.ToString()), ("step", step.Kind), ("key", step.Key), .. more]);
}
