using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs</c>.</summary>
internal static class EnvPacksNoun
{
    /// <summary>The noun's label.</summary>
    public const string Name = "env-packs";

    /// <summary>What it is.</summary>
    public const string Purpose = "Env-packs: what an environment is able to do, one per slot";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create(Name, Purpose, context,
    [
        new("add", PackBind.Add.Purpose, inner => PackBind.Add.Create(inner, flags)),
        new("update", PackBind.Update.Purpose, inner => PackBind.Update.Create(inner, flags)),
        new("rollback", PackUndo.Rollback.Purpose, inner => PackUndo.Rollback.Create(inner, flags)),
        new("remove", PackUndo.Remove.Purpose, inner => PackUndo.Remove.Create(inner, flags)),
        new("list", PackReads.List.Purpose, inner => PackReads.List.Create(inner, flags)),
        new("describe", PackReads.Describe.Purpose, inner => PackReads.Describe.Create(inner, flags)),
        new("wizard", () => PackWizardVerb.Verb.Purpose, inner => PackWizardVerb.Verb.Create(inner, flags)),
        new("sign", PackInstall.Sign.Purpose, inner => PackInstall.Sign.Create(inner, flags)),
        new("install", PackInstall.Install.Purpose, inner => PackInstall.Install.Create(inner, flags)),
        new("call", () => PackCall.Verb.Purpose, inner => PackCall.Verb.Create(inner, flags)),
    ]);

    /// <summary>What a change of a binding amounts to.</summary>
    public static Outcome<Mutation<PackSummary>> Mutation(BindingChange<EnvPackBinding> changed, EnvironmentDocument before) =>
        new Mutation<PackSummary>(PackSummary.Of(changed.Document.EnvironmentId, changed.Binding))
        {
            Document = changed.Document,
            PreviousGeneration = before.Packs.FirstOrDefault(pack => pack.Slot == changed.Binding.Slot)?.Generation,
            NewGeneration = changed.Generation,
        };

    /// <summary>What a store server answers to a change of a binding.</summary>
    public static Outcome<PackSummary> Answered(EnvId environment, WireAnswer answer) =>
        PackSummary.Of(environment, (answer.Result.TryGetProperty("binding", out var held) ? held : answer.Result).Deserialize(ContractJson.Default.EnvPackBinding)!);

    /// <summary>The answer of a change.</summary>
    public static Answer Answer(PackSummary summary, string done) => Output.Answer.Of(summary, PacksJson.Default.PackSummary, screen =>
    {
        screen.Say($"{summary.Kind} {done} · slot {summary.Slot} · generation {summary.Generation}");
        screen.Facts(("answers", summary.AnswersRef), ("undo", summary.HasPrevious ? $"gtc op env-packs rollback {summary.EnvironmentId} slot={summary.Slot}" : null));
    });
}
