using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gtc.Podman.Tests.Real;

[assembly: AssemblyFixture(typeof(RealPodman))]

namespace Gtc.Podman.Tests.Real;

/// <summary>A real podman with storage of its own, served by <c>eng/podman-service</c> when the first test asks for it. Its images hold busybox and one page.</summary>
public sealed class RealPodman : IAsyncDisposable
{
    /// <summary>An image that is in the store; <see cref="OtherImage"/> has the same files and another name.</summary>
    public const string Image = "localhost/gtc-page:v1";

    /// <summary>The same files under another tag.</summary>
    public const string OtherImage = "localhost/gtc-page:v2";

    private readonly SemaphoreSlim _once = new(1, 1);
    private string? _folder;
    private Process? _service;
    private PodmanClient? _client;

    /// <summary>Where it listens.</summary>
    public string SocketPath => Path.Combine(_folder!, "podman.sock");

    /// <summary>A web server inside, that shows one page on port 80.</summary>
    internal static string[] Serve => ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"];

    /// <summary>Starts it, once; the test skips where it cannot be.</summary>
    internal async Task<PodmanClient> StartAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/etc/debian_version"), "eng/podman-service needs root and Debian's packages");

        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_client is null)
            {
                _folder = Path.Combine(Directory.CreateTempSubdirectory("gtc-podman-").FullName, "p");
                await ServeAsync();
                _client = new PodmanClient(SocketPath, TimeProvider.System);
                await ImportAsync(_client);
            }

            return _client;
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>Kills the service; containers go on.</summary>
    internal async Task KillServiceAsync()
    {
        _service!.Kill();
        await _service.WaitForExitAsync(CancellationToken.None);
        _service.Dispose();
    }

    /// <summary>Serves again what was served.</summary>
    internal async Task ServeAsync()
    {
        _service = Process.Start(new ProcessStartInfo(Script, [_folder!])) ?? throw new InvalidOperationException("the script was not started");
        using var client = new PodmanClient(SocketPath, TimeProvider.System);
        for (var attempt = 0; !(await client.PingAsync(CancellationToken.None)).TryGet(out _, out var error); attempt++)
        {
            (attempt < 600).ShouldBeTrue($"eng/podman-service did not answer within a minute: {error?.Message}");
            _service.HasExited.ShouldBeFalse("eng/podman-service ended");
            await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>Runs podman's own program on the same storage.</summary>
    internal async Task<string> RunAsync(params string[] words)
    {
        var start = new ProcessStartInfo(Script, [_folder!, "run", .. words]) { RedirectStandardOutput = true };
        using var running = Process.Start(start)!;
        var output = await running.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await running.WaitForExitAsync(CancellationToken.None);
        running.ExitCode.ShouldBe(0, output);
        return output.Trim();
    }

    /// <summary>The page behind a port of this host, once it answers.</summary>
    internal static async Task<string> PageAsync(int port)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), TestContext.Current.CancellationToken);
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException && attempt < 1000)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>A port that nobody listened on a moment ago.</summary>
    internal static ushort FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (ushort)((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            _client?.Dispose();
            if (_service is { } service)
            {
                service.Kill();
                await service.WaitForExitAsync(CancellationToken.None);
                service.Dispose();
            }

            using var down = Process.Start(new ProcessStartInfo(Script, [_folder, "down"]))!;
            await down.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        }

        _once.Dispose();
    }

    private static string Script
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("The test does not stand in the repository: Gtc.slnx was not found above it."), "eng", "podman-service");
        }
    }

    private static async Task ImportAsync(PodmanClient client)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var folder in (string[])["bin", "www", "tmp"])
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, folder + "/") { Mode = (UnixFileMode)0b111_101_101 });
            }

            writer.WriteEntry("/bin/busybox", "bin/busybox");
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/sh") { LinkName = "busybox" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "www/index.html") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes("a page\n")), Mode = (UnixFileMode)0b110_100_100 });
        }

        tar.Position = 0;
        (await client.ImportAsync(Image, tar, CancellationToken.None)).Error.ShouldBeNull();
        (await client.TagAsync(Image, "localhost/gtc-page", "v2", CancellationToken.None)).Value.ShouldBeTrue();
    }
}
