using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary><c>gtc stop</c>: asks the worker of an environment to stop.</summary>
internal static class StopCommand
{
    private static readonly Option<string?> Env = new("--env") { Description = "The environment (GREENTIC_ENV, else local)", HelpName = "ID" };
    private static readonly Option<string?> StoreRoot = new("--store-root") { Description = "Where environments are kept (GREENTIC_STORE_ROOT, else ~/.greentic/environments)", HelpName = "DIR" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("stop", "Ask the worker of an environment to stop")
        {
            Examples = ["stop", "stop --env prod"],
            Remark = "The worker sees the request within a quarter of a second and drains as it does on SIGTERM. Without a worker nothing happens: the next start ignores an old request.",
        };
        command.Add(Env);
        command.Add(StoreRoot);
        command.SetAction(parsed => Run(parsed, context));
        return command;
    }

    private static int Run(ParseResult parsed, CliContext context)
    {
        if (WorkerEnvironment.Resolve(parsed.GetValue(Env), context).TryGet(out var environment, out var refusal)
            && StoreLayout.Find(parsed.GetValue(StoreRoot), context.Variable).TryGet(out var layout, out refusal))
        {
            var folder = layout.Environment(environment).Folder;
            if (Directory.Exists(folder))
            {
                StopRequest.Make(folder);
                return ExitCodes.Ok;
            }

            refusal = new Refusal.Missing($"environment `{environment}` is not in {layout.Root}") { Next = $"{context.ProgramName} op env list" };
        }

        ErrorText.Write(refusal, context);
        return ExitCodes.Refused;
    }
}
