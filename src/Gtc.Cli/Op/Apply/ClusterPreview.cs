using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>What the next reconcile would change in a cluster that holds the environment as it is: both are rendered and compared. No cluster is asked.</summary>
/// <param name="files">What lies beside the environment; null where there is none yet.</param>
/// <param name="call">The call.</param>
internal sealed class ClusterPreview(EnvironmentFiles? files, VerbCall call)
{
    /// <summary>The objects, in the order of applying; those that go come last.</summary>
    /// <param name="made">The plan.</param>
    /// <param name="after">The environment after it.</param>
    public Outcome<ImmutableArray<PlanObject>> Compare(Planned made, EnvironmentDocument after)
    {
        if (!Render(made.Current, null).TryGet(out var before, out var refusal) || !Render(after, made).TryGet(out var wanted, out refusal))
        {
            return refusal;
        }

        var present = before.ToDictionary(ObjectRef.Of, item => KubeJson.ToElement(item).GetRawText());
        var names = wanted.Select(ObjectRef.Of).ToHashSet();
        return (ImmutableArray<PlanObject>)
        [
            .. wanted.Select(item => (Name: ObjectRef.Of(item), Text: KubeJson.ToElement(item).GetRawText()))
                .Where(item => !present.TryGetValue(item.Name, out var text) || text != item.Text)
                .Select(item => Shown(present.ContainsKey(item.Name) ? "change" : "create", item.Name)),
            .. before.Select(ObjectRef.Of).Where(name => !names.Contains(name) && name.Kind != "Namespace").Select(name => Shown("prune", name)),
        ];
    }

    private static PlanObject Shown(string action, ObjectRef name) => new(action, name.Kind, name.Name, name.Namespace);

    /// <summary>What a cluster would hold for an environment; nothing when it is not for a cluster.</summary>
    private Outcome<ImmutableArray<KubeObject>> Render(EnvironmentDocument? document, Planned? made)
    {
        if (document?.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer) is not { } deployer || !DeployerKind.HasCluster(deployer.Kind))
        {
            return ImmutableArray<KubeObject>.Empty;
        }

        if (deployer.Kind.Path == DeployerKind.Fleet)
        {
            return Answers(deployer, made).Then(answers => FleetSettings.Of(document.EnvironmentId, answers, ClusterSettings.DefaultImage)).Then(settings => FleetRenderer.Render(document, settings));
        }

        var secrets = document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Secrets);
        return Answers(deployer, made).Then(answers => (secrets is null ? PackAnswers.Defaults(null) : Answers(secrets, made))
            .Then(kept => SecretsBackend.Of(secrets, kept, null))
            .Then(backend => Renderer.Render(document, RenderSettings.Of(document.EnvironmentId, answers, backend, ClusterSettings.DefaultImage))));
    }

    /// <summary>The answers of a binding: those of the manifest when it says some, else those that are kept.</summary>
    private Outcome<PackAnswers> Answers(EnvPackBinding binding, Planned? made)
    {
        if (!call.Context.EnvPacks.Resolve(binding.Kind).TryGet(out var handler, out var error))
        {
            return new Refusal.Conflict(error.Message);
        }

        var wanted = (made?.Source.Manifest.Packs ?? []).FirstOrDefault(pack => pack.Slot == PackVerbs.Text(binding.Slot));
        return wanted switch
        {
            { Answers.ValueKind: JsonValueKind.Object } => AnswersReader.Read(handler, wanted.Answers),
            { AnswersRef: { } reference } => AnswersReader.Read(handler, made!.World.Answers[reference]),
            _ when files is null => PackAnswers.Defaults(handler.Questions),
            _ => BoundAnswers.Load(files.Layout.Folder, binding.Kind.Path, binding.AnswersRef, handler),
        };
    }
}
