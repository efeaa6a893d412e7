using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>Runs <c>gtc op</c> verbs as typed, in process, and reads their envelopes.</summary>
/// <param name="context">The person's own.</param>
/// <param name="folder">The demo's store and key.</param>
/// <param name="kubeconfig">The demo's cluster; null for whatever the person has.</param>
internal sealed class OpCalls(CliContext context, DemoFolder folder, string? kubeconfig = null)
{
    /// <summary>Runs one verb.</summary>
    /// <returns>The envelope's <c>result</c>, or the verb's own error.</returns>
    public async Task<Outcome<JsonElement>> RunAsync(CancellationToken cancellationToken, params string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var call = context with
        {
            Stdout = output,
            Stderr = errors,
            IsTerminal = false,
            IsErrorTerminal = false,
            Variable = Variable,
        };
        var code = await GtcCommandLine.RunAsync(["op", "--store-root", folder.Store, .. words], call, cancellationToken);
        if (code == ExitCodes.Ok)
        {
            return JsonElement.Parse(output.ToString()).GetProperty("result");
        }

        return new Refusal.Conflict($"`gtc op {string.Join(' ', words)}` was refused: {errors.ToString().Trim()}");
    }

    /// <summary>The demo has a key and environments of its own, whatever the person's are.</summary>
    private string? Variable(string name) => name switch
    {
        "GTC_OPERATOR_KEY_PATH" => folder.OperatorKey,
        "KUBECONFIG" when kubeconfig is not null => kubeconfig,
        "GREENTIC_ENV" or "GREENTIC_STORE_ROOT" => null,
        _ => context.Variable(name),
    };
}
