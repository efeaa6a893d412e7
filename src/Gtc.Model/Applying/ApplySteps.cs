namespace Gtc.Model;

/// <summary>Does the steps of a plan with the engine's verbs. Pure: effects outside the document are the caller's.</summary>
public static class ApplySteps
{
    /// <summary>The document after a step. A step that only has effects outside the document leaves it as it is.</summary>
    /// <param name="current">The document, or null when there is none yet.</param>
    /// <param name="step">The step.</param>
    /// <param name="effects">What the caller does to deployments and revisions on the way.</param>
    /// <param name="now">The time.</param>
    public static Outcome<EnvironmentDocument> Apply(EnvironmentDocument? current, ApplyStep step, DeployEffects effects, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(effects);
        if (step is ApplyStep.EnsureEnvironment)
        {
            return current ?? EnvironmentVerbs.CreateLocal();
        }

        if (current is not { } document)
        {
            return new Refusal.Missing($"step {step.Kind} `{step.Key}` has no environment to change");
        }

        return step switch
        {
            ApplyStep.UpdateHost host => EnvironmentVerbs.Update(document, host.Command),
            ApplyStep.BindPack bind => (bind.Action == StepAction.Create ? PackVerbs.Add(document, bind.Binding) : PackVerbs.Update(document, bind.Binding))
                .Then<EnvironmentDocument>(change => change.Document),
            ApplyStep.BindExtension bind => (bind.Action == StepAction.Create
                    ? ExtensionVerbs.Add(document, bind.Binding)
                    : ExtensionVerbs.Update(document, ExtensionKey.Of(bind.Binding), bind.Binding))
                .Then<EnvironmentDocument>(change => change.Document),
            ApplyStep.Deploy deploy => Deploy(document, deploy.Work, effects, now),
            ApplyStep.UpdateBundle update => DeploymentVerbs.Update(document, update.Command).Then(updated => updated.NeedsPolicy
                ? Issued(updated.Document, updated.Deployment, effects)
                : updated.Document),
            ApplyStep.AddEndpoint add => Changed(MessagingVerbs.Add(document, add.Command, now)),
            ApplyStep.UpdateEndpoint update => Changed(MessagingVerbs.SetSecretRefs(document, update.Request, update.SecretRefs, now)),
            ApplyStep.LinkEndpoint link => Changed(MessagingVerbs.Link(document, link.Request, link.BundleId, now)),
            ApplyStep.SetWelcomeFlow flow => Changed(MessagingVerbs.SetWelcomeFlow(document, flow.Request, flow.Flow, now)),
            ApplyStep.RemoveEndpoint remove => MessagingVerbs.Remove(document, remove.EndpointId).Document,
            ApplyStep.RemoveBundle remove => DeploymentVerbs.Remove(document, remove.DeploymentId, force: true).Then<EnvironmentDocument>(removed => removed.Document),
            ApplyStep.RemoveExtension remove => ExtensionVerbs.Remove(document, remove.Extension).Then<EnvironmentDocument>(removed => removed.Document),
            ApplyStep.RemovePack remove => PackVerbs.Remove(document, remove.Slot).Then<EnvironmentDocument>(removed => removed.Document),
            _ => document,
        };
    }

    private static Outcome<EnvironmentDocument> Changed(Outcome<EndpointChange> change) => change.Then<EnvironmentDocument>(changed => changed.Document);

    /// <summary>All parts of a deploy, or the first refusal; then nothing of it stands.</summary>
    /// <param name="document">The document.</param>
    /// <param name="work">The parts; stages that come from files are complete.</param>
    /// <param name="effects">What the caller does on the way.</param>
    /// <param name="now">The time.</param>
    public static Outcome<EnvironmentDocument> Deploy(EnvironmentDocument document, DeployWork work, DeployEffects effects, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(effects);
        Outcome<EnvironmentDocument> at = document;
        if (work.Add is { } add)
        {
            at = DeploymentVerbs.Add(document, add, now).Then(added => Issued(added.Document, added.Added, effects));
        }

        foreach (var stage in work.Stages)
        {
            at = at.Then(before => RevisionVerbs.Stage(before, stage, now)
                .Then(staged => effects.Sign(staged.Document, staged.Staged))
                .Then(signed => Warm(signed, stage.RevisionId, effects, now)));
        }

        if (work.Overrides is { } overrides)
        {
            at = at.Then(before => DeploymentVerbs.Update(before, overrides).Then<EnvironmentDocument>(updated => updated.Document));
        }

        return work.Traffic is { } traffic ? at.Then(before => TrafficVerbs.Set(before, traffic, now).Then<EnvironmentDocument>(set => set.Document)) : at;
    }

    private static Outcome<EnvironmentDocument> Warm(EnvironmentDocument signed, RevisionId id, DeployEffects effects, DateTimeOffset now) =>
        Find.Revision(signed, id).Then(staged => effects.Gate(signed, staged)).Then(gate => RevisionVerbs.Warm(signed, id, gate, now)).Then(warmed =>
            warmed.GateFailure is { } failure ? failure : (Outcome<EnvironmentDocument>)warmed.Document);

    private static Outcome<EnvironmentDocument> Issued(EnvironmentDocument document, BundleDeployment deployment, DeployEffects effects) =>
        effects.Issue(deployment).Then<EnvironmentDocument>(issued => document with { Bundles = document.Bundles.Replace(deployment, issued) });
}
