using Gtc.Fleet.Operator.Tests.Running;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Gtc.Fleet.Operator.Tests;

/// <summary>Runs the tests; with the word <c>operator</c> it is an operator of its own, which a test can stop where it stands.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [OperatorProcess.Word, .. var words] => OperatorProcess.ServeAsync(words),
        _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") => TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}
