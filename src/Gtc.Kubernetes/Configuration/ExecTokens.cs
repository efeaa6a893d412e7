using System.Diagnostics;
using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>Asks a program for a token (client.authentication.k8s.io) and keeps it until it expires.</summary>
/// <param name="exec">The program.</param>
/// <param name="time">The clock.</param>
internal sealed class ExecTokens(ExecCredential exec, TimeProvider time)
{
    private const int MaxOutput = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private string? _token;
    private DateTimeOffset _expires = DateTimeOffset.MinValue;

    /// <summary>The token.</summary>
    public async Task<KubeResult<string>> GetAsync(CancellationToken cancellationToken)
    {
        if (_token is { } kept && time.GetUtcNow() + Margin < _expires)
        {
            return kept;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            return Understand(await RunAsync(timeout.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"did not end within {Patience.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return Failed(error.Message);
        }
    }

    /// <summary>Drops a token that the server refused, if it is still the one that is kept.</summary>
    public void Forget(string refused)
    {
        if (_token == refused)
        {
            _token = null;
        }
    }

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(exec.Command, exec.Arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in exec.Variables)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = $$"""{"apiVersion":"{{exec.ApiVersion}}","kind":"ExecCredential","spec":{"interactive":false} }""";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("it did not start");
        try
        {
            var buffer = new char[MaxOutput];
            var length = await process.StandardOutput.ReadBlockAsync(buffer, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? new string(buffer, 0, length) : throw new InvalidOperationException($"it ended with {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private KubeResult<string> Understand(string output)
    {
        using var json = JsonDocument.Parse(output);
        var status = json.RootElement.GetProperty("status");
        _token = status.GetProperty("token").GetString() ?? throw new KeyNotFoundException("it gave no token");
        _expires = status.TryGetProperty("expirationTimestamp", out var expires) && expires.TryGetDateTimeOffset(out var at) ? at : time.GetUtcNow() + TimeSpan.FromMinutes(1);
        return _token;
    }

    private KubeError Failed(string why) => new(KubeErrorKind.Unavailable, $"no cluster access: {exec.Command} gave no token: {why.ReplaceLineEndings(" ")}");
}
