using System.Diagnostics;

namespace Gtc.Store.Server.Tests.Serving;

/// <summary>A server as a process of its own, to be killed.</summary>
internal static class ServerProcess
{
    private static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("Gtc.Store.Server.Tests", "Gtc.Store.Server.Worker", StringComparison.Ordinal), "Gtc.Store.Server.Worker");

    /// <summary>Starts one on a folder; it ends with its standard input.</summary>
    public static async Task<(Process Process, Uri Address)> StartAsync(string folder)
    {
        var process = Process.Start(new ProcessStartInfo(Program, [folder, Path.Combine(folder + "-operator", "key.pem")])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var address = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return (process, new Uri(address.ShouldNotBeNull()));
    }
}
