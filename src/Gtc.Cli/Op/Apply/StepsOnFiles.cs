using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.Messaging;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>What the steps of a plan are on files, under the environment's lock.</summary>
internal sealed class StepsOnFiles(Planned planned, PastedSecrets pasted, LocalPlace at, OperatorKeyFile keys, VerbCall call)
{
    /// <summary>Does a step. The document first, then what lies beside it, so that a refusal leaves nothing behind.</summary>
    public Outcome<Mutation<EnvironmentDocument>> Apply(MutationContext context, ApplyStep step)
    {
        if (step is ApplyStep.EnsureEnvironment)
        {
            return EnvironmentInit.Heal(context, keys, url: null).Then<Mutation<EnvironmentDocument>>(healed => new Mutation<EnvironmentDocument>(healed.Document ?? context.Current!) { Document = healed.Document });
        }

        var effects = new DeployEffects { Issue = deployment => new RevenuePolicies(keys).Issue(context, deployment) };
        return ApplySteps.Apply(context.Current, step, effects, context.Now).Then<Mutation<EnvironmentDocument>>(after => Beside(context, step, after) is { } refusal ? refusal
            : step is ApplyStep.PutSecret or ApplyStep.ConfigureUpdates ? new Mutation<EnvironmentDocument>(after)
            : new Mutation<EnvironmentDocument>(after) { Document = after, RefreshesRuntimeConfig = true });
    }

    private Refusal? Beside(MutationContext context, ApplyStep step, EnvironmentDocument after) => step switch
    {
        ApplyStep.BindPack { Answers: { } answers } bind => BindingAnswers.Stage(context.Files, bind.Binding.AnswersRef!, planned.Answers(answers)!.Value),
        ApplyStep.BindExtension { Answers: { } answers } bind => BindingAnswers.Stage(context.Files, bind.Binding.AnswersRef!, planned.Answers(answers)!.Value),
        ApplyStep.AddEndpoint add => PutWebhookSecret(after, add),
        ApplyStep.PutSecret put => PutSecret(after, put),
        ApplyStep.ConfigureUpdates updates => context.Files.Replace(EnvironmentLayout.UpdateChannelName, Documents.UpdateChannel.ToFile(updates.Channel)),
        _ => null,
    };

    private Refusal? PutSecret(EnvironmentDocument document, ApplyStep.PutSecret put)
    {
        var value = pasted.ValueOf(put, call.Context);
        using var own = put.FromEnv is null ? null : value.Match(read => read, _ => (SecretValue?)null);
        return value.Then(given => SecretsNoun.Find(put.Path, at.Environment).Then(uri => SecretsNoun.Open(document, at, call).Then(store =>
        {
            SecretsNoun.Warn(store, call);
            return store.Put(uri, given);
        }))).Refusal;
    }

    /// <summary>What a provider of the Telegram class proves itself with.</summary>
    private Refusal? PutWebhookSecret(EnvironmentDocument document, ApplyStep.AddEndpoint add) =>
        document.MessagingEndpoints.First(endpoint => endpoint.EndpointId == add.Command.EndpointId).WebhookSecretRef is { } reference
            ? WebhookSecretMint.Write(at, document, reference, call)
            : null;
}
