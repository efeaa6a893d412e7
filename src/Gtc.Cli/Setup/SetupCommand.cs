using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary><c>gtc setup</c>: from a bundle file to an environment that <c>gtc start</c> serves.</summary>
internal static class SetupCommand
{
    /// <summary>One line.</summary>
    public const string Purpose = "Set an environment up: answer what env-packs and packs ask, deploy a bundle";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var command = new DescribedCommand("setup", Purpose)
        {
            Examples = ["setup hello-worker.gtbundle", "setup hello-worker.gtbundle --emit-answers answers.json", "setup --answers answers.json --non-interactive", "setup"],
            Remark = "It asks at the terminal, or takes --answers FILE and asks only for what is missing there. Secrets are pasted unseen, or named by the variable that holds\n"
                + "them: {\"from_env\": \"VARIABLE\"}. Then it does what `gtc op env apply` does, so doing it again changes nothing. Without a bundle only env-packs are asked.",
            Words = words,
            Operands = "[BUNDLE]",
        };
        command.Add(words);
        var flags = VerbFlags.AddForOp(command, "answers as a JSON or YAML file, or - for standard input; only what is missing there is asked for");
        var environment = new Option<string>("--env") { HelpName = "ENV", Description = "the environment; that of the answers, GREENTIC_ENV or `local` when not given" };
        var template = new Option<string>("--emit-answers") { HelpName = "FILE", Description = "write every answer that is asked for to a new file, and do nothing else" };
        var yes = new Option<bool>("--yes") { Description = "do not ask before changing anything" };
        var nonInteractive = new Option<bool>("--non-interactive") { Description = "ask for nothing; refuse with a list of what is missing" };
        foreach (var option in (Option[])[environment, template, yes, nonInteractive])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var typed = UsageErrors.WordsOf(parsed, command);
            if (typed.Count > 1)
            {
                new UsageError($"`{UsageErrors.PathOf(command)}` takes no word `{typed[1]}`", command, null, []).Write(context);
                return ExitCodes.Usage;
            }

            using var call = new VerbCall(context, flags.Format(parsed, context), flags.Store(parsed)) { Verb = "setup" };
            var options = new SetupOptions
            {
                Bundle = typed.Count == 0 ? null : typed[0],
                Environment = parsed.GetValue(environment),
                Answers = flags.Answers(parsed),
                Template = parsed.GetValue(template),
                IsNonInteractive = parsed.GetValue(nonInteractive),
                IsConfirmed = parsed.GetValue(yes),
            };
            return await RunAsync(flags.WantsSchema(parsed), options, call, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(bool wantsSchema, SetupOptions options, VerbCall call, CancellationToken cancellationToken)
    {
        try
        {
            return VerbReport.Write("setup", "run", wantsSchema ? Schema() : await new SetupRun(options, call).RunAsync(cancellationToken), call);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return VerbReport.Write("setup", "run", new Refusal.FileFailed(error.Message.TrimEnd('.')), call);
        }
    }

    private static Outcome<Answer> Schema()
    {
        var schema = PayloadSchema.Of(SetupJson.Default.SetupAnswers, "setup", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["environment_id"] = "the environment",
            ["bundle"] = "the bundle file; a relative path starts at the folder of the answers",
            ["customer_id"] = "who is billed; needed for a new deployment outside `local`",
            ["env_packs"] = "the answers of env-packs by slot",
            ["packs"] = "the answers of the bundle's packs by pack and question; a secret's is {\"from_env\": \"VARIABLE\"}",
        });
        return new Answer(writer => schema.WriteTo(writer), screen => screen.Json(schema));
    }
}
