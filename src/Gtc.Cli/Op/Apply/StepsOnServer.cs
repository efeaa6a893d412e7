using Gtc.Cli.Op.Deployments;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.Extensions;
using Gtc.Cli.Op.Messaging;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Apply;

/// <summary>What the steps of a plan are over a store server: what the single verbs ask of it. Secrets are encrypted here.</summary>
internal sealed class StepsOnServer(Planned planned, PastedSecrets pasted, RemotePlace at, VerbCall call)
{
    /// <summary>What the server is asked for.</summary>
    public Outcome<WireRequest> Ask(ApplyStep step) => step switch
    {
        ApplyStep.EnsureEnvironment => EnvironmentInit.Asked(url: null),
        ApplyStep.UpdateHost host => HostChange.Asked(host.Command),
        ApplyStep.BindPack bind => PackBind.Asked(bind.Action == StepAction.Create, bind.Binding, planned.Answers(bind.Answers)),
        ApplyStep.RemovePack remove => PackUndo.RemoveAsked(remove.Slot),
        ApplyStep.BindExtension bind => ExtensionBind.Asked(bind.Action == StepAction.Create, bind.Binding, planned.Answers(bind.Answers)),
        ApplyStep.RemoveExtension remove => ExtensionsNoun.RemoveAsked(remove.Extension),
        ApplyStep.UpdateBundle update => DeploymentUpdate.Asked(update.Command),
        ApplyStep.RemoveBundle remove => DeploymentRemove.Asked(remove.DeploymentId, force: true),
        ApplyStep.AddEndpoint add => EndpointAdd.Asked(add.Command, add.Command.WebhookSecretRef, secrets: null),
        ApplyStep.UpdateEndpoint update => WireRequest.With(
            HttpMethod.Post, ContractJson.Default.SecretRefsBody, new SecretRefsBody(update.SecretRefs, update.Request.UpdatedBy), EndpointChanges.Path(update.Request.EndpointId, "secret-refs")),
        ApplyStep.LinkEndpoint link => EndpointLinks.LinkAsked(link.Request, link.BundleId),
        ApplyStep.SetWelcomeFlow welcome => EndpointLinks.WelcomeAsked(welcome.Request, welcome.Flow),
        ApplyStep.RemoveEndpoint remove => EndpointRemove.Asked(remove.EndpointId),
        ApplyStep.ConfigureUpdates updates => WireRequest.With(HttpMethod.Put, ContractJson.Default.UpdateChannelConfig, updates.Channel, "update-channel"),
        _ => throw new InvalidOperationException($"Step {step.Kind} is not one request."),
    };

    /// <summary>Writes a secret.</summary>
    /// <returns>Null on success.</returns>
    public async Task<Refusal?> PutSecretAsync(ApplyStep.PutSecret step, string key, CancellationToken cancellationToken)
    {
        var value = pasted.ValueOf(step, call.Context);
        using var own = step.FromEnv is null ? null : value.Match(read => read, _ => (SecretValue?)null);
        var written = await SecretsNoun.ChangeAsync(
            at, "put", SecretsNoun.Find(step.Path, at.Environment), (string?)key, call, (store, uri) => value.Then(given => store.Put(uri, given)), cancellationToken);
        if (written.TryGet(out var done, out var refusal))
        {
            SecretsNoun.Warn(done.Store, call);
        }

        return refusal;
    }

    /// <summary>What the server is asked for where an endpoint comes with a fresh secret for its webhook: both are one change.</summary>
    /// <param name="step">The endpoint.</param>
    /// <param name="current">The environment.</param>
    /// <param name="secret">Where the secret will lie.</param>
    /// <param name="fetched">The secrets that it joins.</param>
    public Outcome<WireRequest> Ask(ApplyStep.AddEndpoint step, EnvironmentDocument current, Outcome<string> secret, Outcome<FetchedSecrets> fetched) => secret.Then(reference =>
        WebhookSecretMint.Mint(current, fetched, reference, call).Then<WireRequest>(file => EndpointAdd.Asked(step.Command, reference, file)));
}
