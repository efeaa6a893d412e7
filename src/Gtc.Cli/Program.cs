using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gtc.Cli;
using Gtc.Cli.Op.Secrets;

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
var context = new CliContext
{
    ProgramName = ProgramNames.OfThisProcess(),
    Stdout = Console.Out,
    Stderr = Console.Error,
    OpenStdin = Console.OpenStandardInput,
    AskHidden = Console.IsInputRedirected || Console.IsErrorRedirected ? null : HiddenPrompt.AskAsync,
    Variable = Environment.GetEnvironmentVariable,
    WorkingDirectory = Environment.CurrentDirectory,
    Time = TimeProvider.System,
    Random = RandomNumberGenerator.Fill,
    IsTerminal = isTerminal,
    IsErrorTerminal = !Console.IsErrorRedirected,
    Width = isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : 120,
};

try
{
    return await GtcCommandLine.RunAsync(args, context, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
