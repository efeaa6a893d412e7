using Gtc.Model;

namespace Gtc.Cli.Start;

/// <summary>Which environment a worker serves: <c>--env</c>, else <c>GREENTIC_ENV</c>, else <c>local</c> (worker-runtime.md §3 step 1).</summary>
internal static class WorkerEnvironment
{
    /// <summary>Resolves it. The old name <c>dev</c> means <c>local</c>, with a warning.</summary>
    public static Outcome<EnvId> Resolve(string? option, CliContext context)
    {
        var text = FirstFilled(option, context.Variable("GREENTIC_ENV")) ?? EnvId.Local.ToString();
        if (text == "dev")
        {
            if (context.Variable("GREENTIC_DISABLE_DEV_ALIAS")?.ToLowerInvariant() is "1" or "true" or "yes" or "on")
            {
                return new Refusal.InvalidArgument("environment `dev` is an old name of `local`, and GREENTIC_DISABLE_DEV_ALIAS forbids it")
                {
                    Next = $"{context.ProgramName} start --env local",
                };
            }

            context.Stderr.WriteLine("environment `dev` is an old name; `local` is used");
            return EnvId.Local;
        }

        return EnvId.TryParse(text, out var id)
            ? id
            : new Refusal.InvalidArgument($"`{text}` is not {EnvId.Expectation}");
    }

    private static string? FirstFilled(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first : string.IsNullOrWhiteSpace(second) ? null : second;
}
