namespace Gtc.Model;

/// <summary>Does the steps of a plan with the engine's verbs. Pure: effects outside the document are the caller's.</summary>
public static class ApplySteps
{
    /// <summary>The document after a step. A step that only has effects outside the document leaves it as it is.</summary>
    /// <param name="current">The document, or null when there is none yet.</param>
    /// <param name="step">The step.</param>
    /// <param name="gate">What the health gate finds for a revision that was just staged.</param>
    /// <param name="now">The time.</param>
    public static Outcome<EnvironmentDocument> Apply(EnvironmentDocument? current, ApplyStep step, Func<EnvironmentDocument, Revision, HealthGate> gate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(gate);
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
            ApplyStep.Deploy deploy => Deploy(document, deploy.Work, gate, now),
            ApplyStep.UpdateBundle update => DeploymentVerbs.Update(document, update.Command).Then<EnvironmentDocument>(updated => updated.Document),
            ApplyStep.AddEndpoint add => Changed(MessagingVerbs.Add(document, add.Command, now)),
            ApplyStep.UpdateEndpoint update => Changed(MessagingVerbs.SetSecretRefs(document, update.Request, update.SecretRefs, now)),
            ApplyStep.LinkEndpoint link => Changed(MessagingVerbs.Link(document, link.Request, link.BundleId, now)),
            ApplyStep.SetWelcomeFlow flow => Changed(MessagingVerbs.SetWelcomeFlow(document, flow.Request, flow.Flow, now)),
            _ => document,
        };
    }

    private static Outcome<EnvironmentDocument> Changed(Outcome<EndpointChange> change) => change.Then<EnvironmentDocument>(changed => changed.Document);

    private static Outcome<EnvironmentDocument> Deploy(EnvironmentDocument document, DeployWork work, Func<EnvironmentDocument, Revision, HealthGate> gate, DateTimeOffset now)
    {
        Outcome<EnvironmentDocument> at = document;
        if (work.Add is { } add)
        {
            at = DeploymentVerbs.Add(document, add, now).Then<EnvironmentDocument>(added => added.Document);
        }

        foreach (var stage in work.Stages)
        {
            at = at.Then(before => RevisionVerbs.Stage(before, stage, now).Then(staged =>
                RevisionVerbs.Warm(staged.Document, stage.RevisionId, gate(staged.Document, staged.Staged), now).Then(warmed =>
                    warmed.GateFailure is { } failure ? failure : (Outcome<EnvironmentDocument>)warmed.Document)));
        }

        if (work.Overrides is { } overrides)
        {
            at = at.Then(before => DeploymentVerbs.Update(before, overrides).Then<EnvironmentDocument>(updated => updated.Document));
        }

        return work.Traffic is { } traffic ? at.Then(before => TrafficVerbs.Set(before, traffic, now).Then<EnvironmentDocument>(set => set.Document)) : at;
    }
}
