using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>Runs verbs of <c>gtc fleet</c> as typed, in process, against the demo's API server, and reads their envelopes.</summary>
internal sealed class FleetCalls(CliContext context, Func<string, string?> variable)
{
    /// <summary>Runs one verb.</summary>
    /// <returns>The envelope's <c>result</c>, or the verb's own error.</returns>
    public async Task<Outcome<JsonElement>> RunAsync(CancellationToken cancellationToken, params string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var call = context with { Stdout = output, Stderr = errors, IsTerminal = false, IsErrorTerminal = false, Variable = variable };
        var code = await GtcCommandLine.RunAsync(["fleet", .. words], call, cancellationToken);
        return code == ExitCodes.Ok
            ? JsonElement.Parse(output.ToString()).GetProperty("result")
            : new Refusal.Conflict($"`gtc fleet {string.Join(' ', words)}` was refused: {errors.ToString().Trim()}");
    }
}
