using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Gtc.Cli;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Output;
using Gtc.Cli.Setup;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    // The first signal asks commands to finish; a second one ends the process as usual.
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var isTerminal = !Console.IsOutputRedirected;
var canAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected;
var context = new CliContext
{
    ProgramName = ProgramNames.OfThisProcess(),
    Stdout = Writer(new StandardStream(1)),
    Stderr = Writer(new StandardStream(2)),
    OpenStderr = () => new StandardStream(2),
    OpenStdin = Console.OpenStandardInput,
    AskHidden = canAsk ? HiddenPrompt.AskAsync : null,
    AskLine = canAsk ? LinePrompt.AskAsync : null,
    Variable = Environment.GetEnvironmentVariable,
    WorkingDirectory = Environment.CurrentDirectory,
    Time = TimeProvider.System,
    Random = RandomNumberGenerator.Fill,
    IsTerminal = isTerminal,
    IsErrorTerminal = !Console.IsErrorRedirected,
    Width = (isTerminal ? TerminalSize.Columns() : null) ?? 120,
};

static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

try
{
    return await GtcCommandLine.RunAsync(args, context, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
catch (OutputLostException lost)
{
    // Whatever was asked for may have been done; only its result is lost.
    await context.Stderr.WriteLineAsync($"{context.ProgramName}: {lost.Message}");
    return ExitCodes.Refused;
}
