using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs wizard</c>: what an env-pack wants to be asked.</summary>
internal static class PackWizardVerb
{
    /// <summary>The verb.</summary>
    public static Verb<WizardPayload> Verb => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "wizard",
        Purpose = "Show the questions of an env-pack, a schema of its answers and a template",
        Examples = ["op env-packs wizard greentic.deployer.k8s", "op env-packs wizard greentic.deployer.k8s@1.0.0 --emit-answers k8s.json"],
        Payload = PacksJson.Default.WizardPayload,
        Fields =
        [
            new("kind", "the env-pack, path or path@version", "--kind", "KIND", "KIND"),
            PayloadField.Environment with { Position = null },
            new("emit_answers", "a file to write a template of the answers to; it must not exist", "--emit-answers", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(WizardPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal)
            || !(await OpPacks.FindAsync(payload.Kind, catalog, cancellationToken)).TryGet(out var found, out refusal))
        {
            return refusal;
        }

        if (found.Handler.Questions is not { } form)
        {
            return new Refusal.Conflict($"`{found.Kind}` has no questions: it takes no answers");
        }

        var result = new PackWizard
        {
            Kind = found.Kind.ToString(),
            Form = FormDocuments.ToJson(form),
            AnswersSchema = FormDocuments.Schema(form),
            AnswersTemplate = FormDocuments.Template(form),
            AnswersFile = payload.EmitAnswers,
        };
        if (payload.EmitAnswers is { } file
            && await TemplateFile.WriteAsync(call.Context.PathOf(file), writer => result.AnswersTemplate.WriteTo(writer), cancellationToken) is { } exists)
        {
            return exists;
        }

        return Answer.Of(result, PacksJson.Default.PackWizard, screen => Show(result, form, screen));
    }

    private static void Show(PackWizard wizard, QuestionForm form, Screen screen)
    {
        screen.Say($"{form.Title} · {wizard.Kind}");
        screen.Table(
            new(
                [new("answer"), new("question", 1), new("default"), new("must be", 2)],
                [.. form.Questions.Select(question => (ImmutableArray<string>)[question.Id, question.Title, question.Required ? "(required)" : question.DefaultValue ?? "", Shape(question)])]),
            "It asks nothing.");
        screen.Facts(("template", wizard.AnswersFile));
    }

    private static string Shape(Question question) =>
        question.Choices.IsEmpty ? question.Constraint?.Pattern ?? (question.Type == QuestionType.Flag ? "true or false" : "") : string.Join(" or ", question.Choices);
}
