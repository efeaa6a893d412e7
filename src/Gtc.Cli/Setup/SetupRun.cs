using System.Text.Json;
using Gtc.Cli.Op;
using Gtc.Cli.Op.Apply;
using Gtc.Cli.Output;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>What was typed.</summary>
internal sealed record SetupOptions
{
    /// <summary>The bundle file, or null.</summary>
    public string? Bundle { get; init; }

    /// <summary>The environment, or null.</summary>
    public string? Environment { get; init; }

    /// <summary>The answers file, or null.</summary>
    public string? Answers { get; init; }

    /// <summary>Where a template of the answers goes, or null.</summary>
    public string? Template { get; init; }

    /// <summary>Whether nobody is asked for anything.</summary>
    public bool IsNonInteractive { get; init; }

    /// <summary>Whether the question before the first change is answered already.</summary>
    public bool IsConfirmed { get; init; }
}

/// <summary>One setup: look, ask, make a manifest, apply it.</summary>
internal sealed class SetupRun(SetupOptions options, VerbCall call)
{
    /// <summary>Runs it.</summary>
    public async Task<Outcome<Answer>> RunAsync(CancellationToken cancellationToken)
    {
        if (!(await AnswersAsync(cancellationToken)).TryGet(out var answers, out var refusal)
            || !OpStore.OpenAsItIs(call, options.Environment ?? answers.EnvironmentId).TryGet(out var at, out refusal)
            || !(await SetupScene.ReadAsync(at, BundlePath(answers), call, cancellationToken)).TryGet(out var scene, out refusal))
        {
            return refusal;
        }

        if (options.Template is { } template)
        {
            return await EmitAsync(SetupTemplate.Of(scene), template, cancellationToken);
        }

        var context = call.Context;
        var asking = options.IsNonInteractive || context.AskLine is null ? null : new SetupAsking(context, onlyRequired: options.Answers is not null);
        var filled = await new SetupForm(scene, answers, asking, context.Variable).FillAsync(cancellationToken);
        if (!filled.Then(manifest => Manifests.Check(manifest) is { } broken ? broken : (Outcome<EnvManifest>)manifest).TryGet(out var manifest, out refusal))
        {
            return await at.RefuseAsync(OpStore.Intent(at.Environment, "setup", "run", ("environment_id", at.Environment.ToString())), refusal, cancellationToken);
        }

        var apply = new ApplyOptions
        {
            Manifest = null,
            Source = new ManifestFile(manifest, context.WorkingDirectory),
            Mode = ApplyMode.Apply,
            UpdatedBy = "setup",
            IsConfirmed = options.IsConfirmed,
            IsNonInteractive = options.IsNonInteractive,
        };
        return (await new ApplyRun(apply, call).RunAsync(cancellationToken)).Then(end => (Outcome<Answer>)Served(end.Answer, at));
    }

    private static Answer Served(Answer answer, OpPlace at) => answer with
    {
        Show = screen =>
        {
            answer.Show(screen);
            screen.Facts(("serve it", $"gtc start --env {at.Environment}{(at is RemotePlace ? $" --store-url {at.Shown}" : "")}"));
        },
    };

    private async Task<Outcome<SetupAnswers>> AnswersAsync(CancellationToken cancellationToken) => options.Answers is { } file
        ? (await AnswersFile.ReadAsync(file, call.Context, cancellationToken))
            .Then(element => PayloadReader.Read(element, SetupJson.Default.SetupAnswers, "gtc setup --emit-answers answers.json"))
        : new SetupAnswers();

    /// <summary>A path in answers starts at the folder of the answers, as in a manifest; a typed one at the working folder.</summary>
    private string? BundlePath(SetupAnswers answers)
    {
        if (options.Bundle is { } typed)
        {
            return call.Context.PathOf(typed);
        }

        var folder = options.Answers is null or AnswersFile.Stdin ? call.Context.WorkingDirectory : Path.GetDirectoryName(call.Context.PathOf(options.Answers))!;
        return answers.Bundle is { } named ? Path.GetFullPath(named, folder) : null;
    }

    private async Task<Outcome<Answer>> EmitAsync(SetupAnswers answers, string name, CancellationToken cancellationToken)
    {
        var path = call.Context.PathOf(name);
        if (await TemplateFile.WriteAsync(path, writer => JsonSerializer.Serialize(writer, answers, SetupJson.Default.SetupAnswers), cancellationToken) is { } exists)
        {
            return exists;
        }

        return new Answer(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("answers_file", path);
                writer.WriteEndObject();
            },
            screen => screen.Say($"{path}: every answer that is asked for. Secrets are named by the variable that holds them."));
    }
}
