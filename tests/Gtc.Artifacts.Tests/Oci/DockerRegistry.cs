using System.Diagnostics;
using System.Text.RegularExpressions;
using Gtc.Artifacts.Tests.Sources;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>The real registry of the Docker distribution project, on a free loopback port, with an empty store.</summary>
internal sealed partial class DockerRegistry : IDisposable
{
    private readonly TempFolder _folder;
    private readonly Process _process;

    private DockerRegistry(Process process, TempFolder folder) => (_process, _folder) = (process, folder);

    /// <summary>host:port.</summary>
    public string Authority { get; private set; } = "";

    /// <param name="auth">The <c>auth</c> section, indented by two, with <c>{folder}</c> for the registry's folder; or null for none.</param>
    /// <param name="files">Further files of that folder.</param>
    /// <param name="isSecure">Whether it speaks TLS, with the certificate of <see cref="TestCertificates.Loopback"/>.</param>
    public static async Task<DockerRegistry> StartAsync(string? auth = null, Dictionary<string, string>? files = null, bool isSecure = false)
    {
        const string executable = "/usr/bin/docker-registry";
        if (!File.Exists(executable))
        {
            Assert.Fail("install docker-registry: apt-get install docker-registry");
        }

        var folder = new TempFolder();
        foreach (var (name, text) in files ?? [])
        {
            await File.WriteAllTextAsync(folder[name], text);
        }

        if (isSecure)
        {
            await File.WriteAllTextAsync(folder["tls.crt"], TestCertificates.Loopback.ExportCertificatePem());
            await File.WriteAllTextAsync(folder["tls.key"], TestCertificates.LoopbackKey);
        }

        await File.WriteAllTextAsync(folder["config.yml"], $"""
            version: 0.1
            storage:
              filesystem:
                rootdirectory: {folder["store"]}
            http:
              addr: 127.0.0.1:0
              secret: none
              relativeurls: {(isSecure ? "true" : "false")}
            {(isSecure ? $"  tls:\n    certificate: {folder["tls.crt"]}\n    key: {folder["tls.key"]}" : "")}
            {(auth is null ? "" : "auth:\n" + auth.Replace("{folder}", folder.Root, StringComparison.Ordinal))}
            """);
        var process = Process.Start(new ProcessStartInfo(executable, ["serve", folder["config.yml"]]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var registry = new DockerRegistry(process, folder);
        registry.Authority = await ReadAddressAsync(process);
        return registry;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<string> ReadAddressAsync(Process process)
    {
        var log = new List<string>();
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            log.Add(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                _ = process.StandardError.ReadToEndAsync();
                _ = process.StandardOutput.ReadToEndAsync();
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException($"docker-registry did not start: {string.Join('\n', log)}");
    }

    [GeneratedRegex(@"listening on (127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
