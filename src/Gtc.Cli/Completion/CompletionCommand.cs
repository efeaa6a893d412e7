using System.CommandLine;
using Gtc.Model;

namespace Gtc.Cli.Completion;

/// <summary><c>gtc completion</c>: teach a shell to complete command lines.</summary>
internal static class CompletionCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Print the script that makes a shell complete gtc's words";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("completion", Purpose);
        command.Add(Script(context, "bash", ShellScripts.Bash, "  eval \"$(gtc completion bash)\"        in ~/.bashrc, or the script in /etc/bash_completion.d/gtc"));
        command.Add(Script(context, "zsh", ShellScripts.Zsh, "  eval \"$(gtc completion zsh)\"         in ~/.zshrc behind compinit, or the script as _gtc in a folder of $fpath"));
        command.Add(Script(context, "fish", ShellScripts.Fish, "  gtc completion fish | source         in ~/.config/fish/config.fish, or the script as ~/.config/fish/completions/gtc.fish"));
        command.Add(Candidates(context));
        return command;
    }

    private static DescribedCommand Script(CliContext context, string shell, Func<string, string> script, string use)
    {
        var command = new DescribedCommand(shell, $"Print the script for {shell}") { Examples = [$"completion {shell}"], Remark = $"Commands, flags, environments and files are completed.\n\n{use}" };
        command.SetAction(_ =>
        {
            context.Stdout.Write(script(context.ProgramName));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static DescribedCommand Candidates(CliContext context)
    {
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var command = new DescribedCommand("candidates", "Print what the last word of a command line can become, one candidate and its purpose a line")
        {
            Examples = ["completion candidates -- op env sh"],
            Words = words,
            Operands = "-- [WORD …]",
            Remark = "The scripts call it. Nothing is printed where any word, or a file, may follow.",
        };
        command.Add(words);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            foreach (var (word, purpose) in await Candidate.FindAsync(UsageErrors.WordsOf(parsed, command), context, cancellationToken))
            {
                await context.Stdout.WriteLineAsync($"{word}\t{purpose}");
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
