using System.Diagnostics;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>The host that is set up: its files below a root folder, and its programs.</summary>
internal interface ISetupHost
{
    /// <summary>The path of a file of the host, e.g. of <c>/etc/subuid</c>.</summary>
    string PathOf(string path);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>How it ended and what it wrote; null when it is not installed.</returns>
    Task<CommandResult?> RunAsync(string program, string[] words, CancellationToken cancellationToken);
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>This host.</summary>
internal sealed class ThisHost : ISetupHost
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <inheritdoc/>
    public string PathOf(string path) => path;

    /// <inheritdoc/>
    public async Task<CommandResult?> RunAsync(string program, string[] words, CancellationToken cancellationToken)
    {
        // Not by PATH: this runs as root, and root's programs are where the system has them.
        if (Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) is not { } path)
        {
            return null;
        }

        var start = new ProcessStartInfo(path, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} was not started");
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
