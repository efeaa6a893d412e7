using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Cli.Start;

/// <summary>Where components may send HTTP requests to: <c>--egress</c>, else <c>GREENTIC_EGRESS</c>, else any public address over https.</summary>
internal static class WorkerEgress
{
    /// <summary>The variable.</summary>
    public const string Variable = "GREENTIC_EGRESS";

    /// <summary>Resolves it.</summary>
    public static Outcome<EgressPolicy> Resolve(string? option, CliContext context)
    {
        var text = option ?? context.Variable(Variable);
        return string.IsNullOrWhiteSpace(text) ? EgressPolicy.Public
            : EgressPolicy.TryParse(text, out var policy) ? policy
            : new Refusal.InvalidArgument($"{(option is null ? Variable : "--egress")} must be {EgressPolicy.Expectation}")
            {
                Details = [new("found", text.Length <= 200 ? text : $"{text[..200]}…")],
                Next = $"{context.ProgramName} start --egress public,127.0.0.1:9000",
            };
    }
}
