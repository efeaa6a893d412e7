using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary><c>gtc op env apply</c> and <c>gtc op plan</c>: take an environment to what a manifest says, or show what that would be.</summary>
internal static class ApplyCommand
{
    /// <summary>One line.</summary>
    public const string ApplyPurpose = "Take an environment to what a manifest says";

    /// <summary>One line.</summary>
    public const string PlanPurpose = "Show what applying a manifest would change, and which callers would move";

    /// <summary>Builds <c>env apply</c>.</summary>
    public static Command CreateApply(CliContext context, VerbFlags flags)
    {
        var command = new DescribedCommand("apply", ApplyPurpose)
        {
            Examples =
            [
                "op env apply --answers env.yaml",
                "op env apply --answers env.yaml --check",
                "op env apply --answers env.yaml --plan --out plan.json",
                "op env apply --plan-file plan.json --yes",
                "op env apply --emit-answers-template env.json",
            ],
            Remark = "It writes the store and touches no cluster. Only `local` is made when it is missing. What the manifest does not name stays, unless --prune says otherwise.\n"
                + "Bundles that are declared by URI and digest are recorded, not fetched, unless --verify-sources is given. It stops at the first refusal; doing it again goes on from there.",
        };
        var own = ApplyFlags.AddForApply(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync("env", "apply", flags, parsed, context, own.Read(parsed, flags.Answers(parsed), isPlan: false), cancellationToken));
        return command;
    }

    /// <summary>Builds <c>op plan</c>.</summary>
    public static Command CreatePlan(CliContext context, VerbFlags flags)
    {
        var command = new DescribedCommand("plan", PlanPurpose)
        {
            Examples = ["op plan --answers env.yaml", "op plan --answers env.yaml --out plan.json", "op plan --answers env.yaml --exit-code detailed"],
            Remark = "The same as `op env apply --plan`. A plan that is kept with --out is valid until someone else changes the environment.",
        };
        var own = ApplyFlags.AddForPlan(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync("plan", "run", flags, parsed, context, own.Read(parsed, flags.Answers(parsed), isPlan: true), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string noun, string verb, VerbFlags flags, ParseResult parsed, CliContext context, ApplyOptions options, CancellationToken cancellationToken)
    {
        using var call = new VerbCall(context, flags.Format(parsed, context), flags.Store(parsed)) { Verb = $"{noun} {verb}" };
        if (flags.WantsSchema(parsed))
        {
            return VerbReport.Write(noun, verb, Schema(), call);
        }

        var ended = await GuardedAsync(options, call, cancellationToken);
        var exit = VerbReport.Write(noun, verb, ended.Then(end => (Outcome<Answer>)end.Answer), call);
        if (!ended.TryGet(out var ending, out _))
        {
            return exit;
        }

        if (ending.Finding is { } finding)
        {
            exit = VerbReport.Write(noun, verb, finding, call);
        }

        return ending.HasDrift && options.IsDetailed && options.Mode != ApplyMode.Apply ? ExitCodes.Findings : exit;
    }

    private static async Task<Outcome<ApplyEnd>> GuardedAsync(ApplyOptions options, VerbCall call, CancellationToken cancellationToken)
    {
        try
        {
            return options.Template is { } template
                ? ManifestTemplate.Write(template, call).Then(answer => (Outcome<ApplyEnd>)new ApplyEnd(answer))
                : await new ApplyRun(options, call).RunAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed(error.Message.TrimEnd('.'));
        }
    }

    private static Outcome<Answer> Schema()
    {
        var schema = ManifestSchema.Export();
        return new Answer(schema.WriteTo, screen => screen.Json(System.Text.Json.Nodes.JsonNode.Parse(schema.GetRawText())!));
    }
}

/// <summary>How an apply ended.</summary>
/// <param name="Answer">What there is to say.</param>
internal sealed record ApplyEnd(Answer Answer)
{
    /// <summary>Whether the environment is not as the manifest says, or something is missing.</summary>
    public bool HasDrift { get; init; }

    /// <summary>What is refused although there is an answer, e.g. the drift of a check; null when nothing is.</summary>
    public Refusal? Finding { get; init; }
}
