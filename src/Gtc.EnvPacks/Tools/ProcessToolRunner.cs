using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Gtc.EnvPacks;

/// <summary>Runs tools as processes. Of what they write the first <see cref="MaxOutput"/> characters are kept, the rest is read and forgotten.</summary>
public sealed class ProcessToolRunner : IToolRunner
{
    /// <summary>How much output is kept, in characters.</summary>
    public const int MaxOutput = 64 * 1024;

    /// <inheritdoc/>
    public async Task<ToolRun?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.StandardInput.Close();
        try
        {
            var output = ReadAsync(process.StandardOutput, cancellationToken);
            var error = ReadAsync(process.StandardError, cancellationToken);
            await Task.WhenAll(output, error, process.WaitForExitAsync(cancellationToken));
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) is var read && read > 0)
        {
            kept.Append(buffer, 0, Math.Min(read, MaxOutput - kept.Length));
        }

        return kept.ToString();
    }
}
