using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Extensions;

/// <summary><c>gtc op extensions</c>.</summary>
internal static class ExtensionsNoun
{
    /// <summary>The noun's label.</summary>
    public const string Name = "extensions";

    /// <summary>What it is.</summary>
    public const string Purpose = "Extensions: env-packs beside the slots, as many as wanted";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create(Name, Purpose, context,
    [
        new("add", ExtensionBind.Add.Purpose, inner => ExtensionBind.Add.Create(inner, flags)),
        new("update", ExtensionBind.Update.Purpose, inner => ExtensionBind.Update.Create(inner, flags)),
        new("rollback", Rollback.Purpose, inner => Rollback.Create(inner, flags)),
        new("remove", Remove.Purpose, inner => Remove.Create(inner, flags)),
        new("list", List.Purpose, inner => List.Create(inner, flags)),
    ]);

    private static Verb<ExtensionPayload> Rollback => UndoVerb(
        "rollback",
        "Bring the extension before the last update back, with the answers that it had",
        ExtensionVerbs.Rollback,
        (change, key) => change.Required(change.Files.Layout.Id).Then(document => ExtensionVerbs.Rollback(document, key)).Then<BindingChange<ExtensionBinding>>(changed =>
            BindingAnswers.Recall(change.Files, changed.Binding.AnswersRef, changed.Binding.AnswersDigest) is { } refusal ? refusal : changed),
        "is back");

    private static Verb<ExtensionPayload> Remove => UndoVerb(
        "remove", "Take an extension away; there is no way back", ExtensionVerbs.Remove, (change, key) => change.Required(change.Files.Layout.Id).Then(document => ExtensionVerbs.Remove(document, key)), "is bound no longer");

    private static Verb<EnvironmentPayload> List => new()
    {
        Noun = Name,
        Name = "list",
        Purpose = "List the extensions of an environment",
        Examples = ["op extensions list", "op extensions list staging --format json"],
        Payload = ExtensionsJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    /// <summary>The key of an extension.</summary>
    public static Outcome<ExtensionKey> Key(string path, string? instance) => instance is null || Descriptors.IsInstance(instance)
        ? new ExtensionKey(path, instance)
        : new Refusal.InvalidArgument($"instance_id `{instance}` must be [a-z0-9-]+");

    /// <summary>What a store server is asked for to take an extension away.</summary>
    public static WireRequest RemoveAsked(ExtensionKey key) => WireRequest.With(HttpMethod.Delete, ContractJson.Default.KeyedBody, new KeyedBody(new(key.KindPath, key.InstanceId)), "extensions");

    /// <summary>What a change of an extension amounts to.</summary>
    public static Outcome<Mutation<ExtensionSummary>> Mutation(BindingChange<ExtensionBinding> changed, EnvironmentDocument before) =>
        new Mutation<ExtensionSummary>(ExtensionSummary.Of(changed.Document.EnvironmentId, changed.Binding))
        {
            Document = changed.Document,
            PreviousGeneration = before.Extensions.FirstOrDefault(extension => ExtensionKey.Of(extension) == ExtensionKey.Of(changed.Binding))?.Generation,
            NewGeneration = changed.Generation,
        };

    /// <summary>What a store server answers to a change of an extension.</summary>
    public static Outcome<ExtensionSummary> Answered(EnvId environment, WireAnswer answer) =>
        ExtensionSummary.Of(environment, (answer.Result.TryGetProperty("binding", out var held) ? held : answer.Result).Deserialize(ContractJson.Default.ExtensionBinding)!);

    /// <summary>The answer of a change.</summary>
    public static Answer Answer(ExtensionSummary summary, string done) => Output.Answer.Of(summary, ExtensionsJson.Default.ExtensionSummary, screen =>
    {
        var instance = summary.InstanceId is null ? "" : $" instance_id={summary.InstanceId}";
        screen.Say($"{summary.Kind} {done}{(summary.InstanceId is null ? "" : $" · instance {summary.InstanceId}")} · generation {summary.Generation}");
        screen.Facts(("answers", summary.AnswersRef), ("undo", summary.HasPrevious ? $"gtc op extensions rollback {summary.EnvironmentId} kind={summary.Kind}{instance}" : null));
    });

    private static Verb<ExtensionPayload> UndoVerb(
        string name,
        string purpose,
        Func<EnvironmentDocument, ExtensionKey, Outcome<BindingChange<ExtensionBinding>>> check,
        Func<MutationContext, ExtensionKey, Outcome<BindingChange<ExtensionBinding>>> undo,
        string done) => new()
    {
        Noun = Name,
        Name = name,
        Purpose = purpose,
        Examples = [$"op extensions {name} kind=acme.geo.lookup@1.0.0 instance_id=eu"],
        Payload = ExtensionsJson.Default.ExtensionPayload,
        Fields =
        [
            PayloadField.Environment,
            new("kind", "the extension, path@version; the version does not matter", "--kind", "KIND"),
            new("instance_id", "its name, when it has one", "--instance", "NAME"),
            new("idempotency_key", "a retry with the same key changes nothing; minted when not given", "--idempotency-key", "KEY"),
        ],
        RunAsync = async (payload, call, cancellationToken) =>
        {
            if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
            {
                return refusal;
            }

            var intent = OpStore.Intent(at.Environment, Name, name, ("kind", payload.Kind), ("instance_id", payload.InstanceId));
            if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal))
            {
                return await at.RefuseAsync(intent, refusal, cancellationToken);
            }

            var extension = Descriptors.Read(payload.Kind).Then(kind => Key(kind.Path, payload.InstanceId));
            var changed = await at.ChangeAsync(
                new OpChange<ExtensionSummary>(intent with { IdempotencyKey = key })
                {
                    Kept = ExtensionsJson.Default.ExtensionSummary,
                    OnFiles = change => extension.Then(found => undo(change, found)).Then(result => Mutation(result, change.Current!)),
                    Ask = document => extension.Then(key => OpStore.Required(document, at.Environment).Then(present => check(present, key)).Then<WireRequest>(_ => name == "remove"
                        ? RemoveAsked(key)
                        : WireRequest.With(HttpMethod.Post, ContractJson.Default.KeyedBody, new KeyedBody(new(key.KindPath, key.InstanceId)), "extensions", name))),
                    FromWire = answer => Answered(at.Environment, answer),
                },
                cancellationToken);
            return changed.Then(summary => (Outcome<Answer>)Answer(summary, done));
        },
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var list = new ExtensionList(at.Environment.ToString(), [.. document.Extensions.Select(extension => ExtensionSummary.Of(at.Environment, extension))]);
        return Output.Answer.Of(list, ExtensionsJson.Default.ExtensionList, screen => screen.Table(
            new(
                [new("kind"), new("instance"), new("generation"), new("from", 1)],
                [.. list.Extensions.Select(extension => (ImmutableArray<string>)[extension.Kind, extension.InstanceId ?? "", $"{extension.Generation}", extension.PackRef])]),
            $"Environment {at.Environment} binds no extension."));
    }
}
