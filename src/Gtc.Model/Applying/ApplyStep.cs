using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>What a step does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepAction>))]
public enum StepAction
{
    /// <summary>Nothing; it is so already.</summary>
    [JsonStringEnumMemberName("no-op")]
    NoOp,

    /// <summary>Makes something new.</summary>
    [JsonStringEnumMemberName("create")]
    Create,

    /// <summary>Changes something.</summary>
    [JsonStringEnumMemberName("update")]
    Update,

    /// <summary>Writes a value that cannot be compared.</summary>
    [JsonStringEnumMemberName("put")]
    Put,

    /// <summary>Takes something away that the manifest does not name.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,
}

/// <summary>One step of an apply (op-cli.md §7). The record carries what the step needs; <see cref="ApplySteps.Apply"/> does its part in the document.</summary>
/// <param name="Kind">One of <see cref="StepKinds"/>.</param>
/// <param name="Key">What it is about, unique among the steps of its kind.</param>
/// <param name="Action">What it does.</param>
/// <param name="Detail">A sentence for people.</param>
/// <param name="IdempotencyKey">A ULID that depends only on what is wanted, not on when.</param>
public abstract record ApplyStep(string Kind, string Key, StepAction Action, string Detail, string IdempotencyKey)
{
    /// <summary>True when it makes the environment differ from what it is in a way that can be compared.</summary>
    public bool IsDrift => Action is StepAction.Create or StepAction.Update or StepAction.Delete;

    /// <summary>It is so already.</summary>
    public sealed record Unchanged(StepHead Head) : ApplyStep(Head);

    /// <summary>Makes the environment. Only <c>local</c> is made by an apply.</summary>
    public sealed record EnsureEnvironment(StepHead Head) : ApplyStep(Head);

    /// <summary>Changes name and host.</summary>
    public sealed record UpdateHost(StepHead Head, UpdateEnvironment Command) : ApplyStep(Head);

    /// <summary>The caller puts the operator key into the trust root; the document does not change.</summary>
    public sealed record BootstrapTrustRoot(StepHead Head) : ApplyStep(Head);

    /// <summary>Binds an env-pack. The caller stages the answers at the binding's <c>answers_ref</c> first.</summary>
    public sealed record BindPack(StepHead Head, EnvPackBinding Binding, StagedAnswers? Answers) : ApplyStep(Head);

    /// <summary>The caller puts the secret; the document does not change.</summary>
    public sealed record PutSecret(StepHead Head, string Path, string? FromEnv) : ApplyStep(Head);

    /// <summary>Deploys a bundle, see <see cref="DeployWork"/>.</summary>
    public sealed record Deploy(StepHead Head, DeployWork Work) : ApplyStep(Head);

    /// <summary>Changes a deployment's route, shares or status.</summary>
    public sealed record UpdateBundle(StepHead Head, UpdateDeployment Command) : ApplyStep(Head);

    /// <summary>Binds an extension. The caller stages the answers at the binding's <c>answers_ref</c> first.</summary>
    public sealed record BindExtension(StepHead Head, ExtensionBinding Binding, StagedAnswers? Answers) : ApplyStep(Head);

    /// <summary>Adds an endpoint. The caller writes a webhook secret at the reference that the command carries first.</summary>
    public sealed record AddEndpoint(StepHead Head, Model.AddEndpoint Command) : ApplyStep(Head);

    /// <summary>Replaces an endpoint's references to secrets.</summary>
    public sealed record UpdateEndpoint(StepHead Head, EndpointRequest Request, ImmutableArray<string> SecretRefs) : ApplyStep(Head);

    /// <summary>Lets a bundle use an endpoint.</summary>
    public sealed record LinkEndpoint(StepHead Head, EndpointRequest Request, string BundleId) : ApplyStep(Head);

    /// <summary>Says which flow greets.</summary>
    public sealed record SetWelcomeFlow(StepHead Head, EndpointRequest Request, WelcomeFlow Flow) : ApplyStep(Head);

    /// <summary>Takes an endpoint away.</summary>
    public sealed record RemoveEndpoint(StepHead Head, MessagingEndpointId EndpointId) : ApplyStep(Head);

    /// <summary>Takes a deployment away, with its revisions and its split.</summary>
    public sealed record RemoveBundle(StepHead Head, DeploymentId DeploymentId) : ApplyStep(Head);

    /// <summary>Takes an extension away.</summary>
    public sealed record RemoveExtension(StepHead Head, ExtensionKey Extension) : ApplyStep(Head);

    /// <summary>Frees a slot.</summary>
    public sealed record RemovePack(StepHead Head, CapabilitySlot Slot) : ApplyStep(Head);

    /// <summary>The caller trusts the DID's keys; the document does not change.</summary>
    public sealed record TrustDid(StepHead Head, string Did) : ApplyStep(Head);

    /// <summary>The caller writes update-channel.json; the document does not change.</summary>
    public sealed record ConfigureUpdates(StepHead Head, UpdateChannelConfig Channel) : ApplyStep(Head);

    private ApplyStep(StepHead head)
        : this(head.Kind, head.Key, head.Action, head.Detail, head.IdempotencyKey)
    {
    }
}

/// <summary>What all steps have.</summary>
/// <param name="Kind">One of <see cref="StepKinds"/>.</param>
/// <param name="Key">What it is about.</param>
/// <param name="Action">What it does.</param>
/// <param name="Detail">A sentence for people.</param>
/// <param name="IdempotencyKey">A ULID derived from what is wanted.</param>
public sealed record StepHead(string Kind, string Key, StepAction Action, string Detail, string IdempotencyKey);

/// <summary>Answers that are copied into the environment.</summary>
/// <param name="File">The manifest's <c>answers_ref</c>, or null for inline ones.</param>
/// <param name="Inline">The inline answers, or undefined.</param>
public sealed record StagedAnswers(string? File, JsonElement Inline);

/// <summary>The parts of a deploy step, in the order they are done.</summary>
public sealed record DeployWork
{
    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The deployment to add, or null when it exists. Its revenue policy is issued by the caller.</summary>
    public AddDeployment? Add { get; init; }

    /// <summary>The revisions to stage and warm. Those that come from files are completed by the caller when it has unpacked them.</summary>
    public ImmutableArray<StageRevision> Stages { get; init; } = [];

    /// <summary>Where each staged revision's bundle lies on this host, as written in the manifest; absent when it is declared by URI and digest.</summary>
    public ImmutableDictionary<RevisionId, string> Paths { get; init; } = ImmutableDictionary<RevisionId, string>.Empty;

    /// <summary>The overrides to set once the revisions are staged, or null to leave them.</summary>
    public UpdateDeployment? Overrides { get; init; }

    /// <summary>The dial to set, or null when it stands right.</summary>
    public SetTraffic? Traffic { get; init; }
}
