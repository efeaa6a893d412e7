using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Verbs;

/// <summary>Prints how a verb ended.</summary>
internal static class VerbReport
{
    /// <summary>Prints an answer to standard output, a refusal to standard error.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(string noun, string verb, Outcome<Answer> outcome, VerbCall call)
    {
        var context = call.Context;
        if (outcome.TryGet(out var answer, out var refusal))
        {
            if (answer.Lines is { } lines)
            {
                lines(context.Stdout);
            }
            else if (call.Format == OutputFormat.Json)
            {
                context.Stdout.WriteLine(Envelope.Success(noun, verb, answer.Write));
            }
            else
            {
                answer.Show(new Screen(context));
            }

            return answer.HasFindings ? call.ExitWithFindings : ExitCodes.Ok;
        }

        if (call.Format == OutputFormat.Json)
        {
            context.Stderr.WriteLine(Envelope.Failure(noun, verb, refusal));
        }
        else
        {
            ErrorText.Write(refusal, context);
        }

        return ExitCodes.Refused;
    }
}
