using System.CommandLine;
using Gtc.Artifacts.Distributor;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Distributors;

/// <summary><c>gtc distributor</c>: the simplest place that workers can pull bundles from.</summary>
internal static class DistributorCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Serve bundle files to whoever pulls them";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("distributor", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(command, [new("serve", () => ServeVerb.Purpose, inner => ServeVerb.Create(inner, flags))], context);
        return command;
    }

    private static Verb<ServePayload> ServeVerb => new()
    {
        Noun = "distributor",
        Name = "serve",
        Purpose = "Serve the files of a folder over plain HTTP, read-only and resumable",
        Remark = "It runs until it is interrupted. Its port 0 takes any free one.",
        Examples = ["distributor serve bundles", "distributor serve bundles --listen 0.0.0.0:8090"],
        Payload = DistributorJson.Default.ServePayload,
        Fields =
        [
            new("folder", "the folder whose files are served", Position: "FOLDER"),
            new("listen", $"where it listens; {ServePayload.DefaultListen} when not given", "--listen", "IP:PORT"),
        ],
        RunAsync = ServeAsync,
    };

    private static async Task<Outcome<Answer>> ServeAsync(ServePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!HostEndPoint.Parse("listen", payload.Listen ?? ServePayload.DefaultListen).TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        var options = new DistributorOptions { Folder = call.Context.PathOf(payload.Folder), Address = place.Address, Port = place.Port, Time = call.Context.Time };
        return (await DistributorServer.StartAsync(options, cancellationToken)).Then(server =>
            (Outcome<Answer>)(Answer.Of(
                new ServeResult(server.Address.ToString(), options.Folder),
                DistributorJson.Default.ServeResult,
                screen => screen.Say($"Serving {options.Folder} on {server.Address} · stop with Ctrl-C"))
                with { Afterwards = stop => RunUntilAsync(server, stop) }));
    }

    private static async Task RunUntilAsync(DistributorServer server, CancellationToken stop)
    {
        await using (server)
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
