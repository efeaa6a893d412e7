using System.Diagnostics;
using System.Globalization;

namespace Gtc.Store.Server.Tests.Postgres;

/// <summary>A PostgreSQL of its own, in a temporary folder, reached through a socket in it. It does not run as root, so nothing else does with it either.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string User = "nobody";

    private readonly string _folder;
    private readonly string _settings;
    private readonly CancellationToken _stop;
    private int _databases;

    private PostgresCluster(string folder, string settings, CancellationToken stop) => (_folder, _settings, _stop) = (folder, settings, stop);

    /// <summary>The socket that it listens on.</summary>
    public string Socket => Path.Combine(_folder, ".s.PGSQL.5432");

    /// <summary>The folder of the socket.</summary>
    public string Folder => _folder;

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes and starts one.</summary>
    /// <param name="isDurable">Whether it flushes; where it is only killed and no machine fails, it need not.</param>
    /// <param name="settings">More settings, as <c>-c name=value</c>.</param>
    /// <param name="stop">Gives up, also later.</param>
    public static async Task<PostgresCluster> StartAsync(bool isDurable, string settings, CancellationToken stop)
    {
        if (!File.Exists($"{Programs}/postgres"))
        {
            throw new InvalidOperationException("PostgreSQL 15 is not installed: eng/install-test-servers");
        }

        var folder = Directory.CreateTempSubdirectory("gtc-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await MustAsync("chown", [User, folder], stop);
        }

        var cluster = new PostgresCluster(folder, $"-k {folder} -c listen_addresses= -c max_connections=200 -c fsync={(isDurable ? "on" : "off")} {settings}", stop);
        await cluster.RunAsync("initdb", "-D", cluster.Data, "-U", "gtc", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
        await cluster.StartAgainAsync();
        return cluster;
    }

    /// <summary>Makes a fresh database.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gtc{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    /// <summary>Its URL.</summary>
    public string Url(string database) => $"postgres:///{database}?user=gtc&host={Uri.EscapeDataString(_folder)}";

    /// <summary>Runs a statement as its owner.</summary>
    public Task<string> ExecuteAsync(string database, string statement) => RunAsync("psql", "-h", _folder, "-U", "gtc", "-d", database, "-v", "ON_ERROR_STOP=1", "-Atqc", statement);

    /// <summary>Runs one of its programs.</summary>
    public Task<string> RunAsync(string program, params string[] words) => Environment.IsPrivilegedProcess
        ? MustAsync("setpriv", [$"--reuid={User}", "--regid=nogroup", "--clear-groups", $"{Programs}/{program}", .. words], _stop)
        : MustAsync($"{Programs}/{program}", words, _stop);

    /// <summary>Ends it as a failure of the machine would, apart from the disk.</summary>
    public void Kill()
    {
        using var server = Process.GetProcessById(ProcessId());
        server.Kill();
        server.WaitForExit();
    }

    /// <summary>Starts it, also after it was killed: its children may take a moment to notice.</summary>
    public async Task StartAgainAsync()
    {
        while (true)
        {
            try
            {
                await RunAsync("pg_ctl", "-w", "-t", "120", "-D", Data, "-l", Path.Combine(_folder, "log"), "-o", _settings, "start");
                return;
            }
            catch (InvalidOperationException) when (IsBlocked())
            {
                await Task.Delay(50, _stop);
            }
        }
    }

    /// <summary>The process of its master, to be stopped and continued with its children.</summary>
    public int ProcessId() => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "-w", "-D", Data, "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private bool IsBlocked() =>
        File.ReadAllText(Path.Combine(_folder, "log")).TrimEnd().Split('\n').TakeLast(4).Any(line => line.Contains("still in use", StringComparison.Ordinal) || line.Contains("already exists", StringComparison.Ordinal));

    private static async Task<string> MustAsync(string program, IEnumerable<string> words, CancellationToken stop)
    {
        // What a server inherits it keeps open, so its output goes to its log and not into a pipe that somebody would read to the end.
        var isServer = words.Contains("start");
        var start = new ProcessStartInfo(program) { RedirectStandardError = !isServer, RedirectStandardOutput = !isServer, WorkingDirectory = "/" };
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        var errors = isServer ? Task.FromResult(string.Empty) : process.StandardError.ReadToEndAsync(stop);
        var output = isServer ? string.Empty : await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', words)} ended with {process.ExitCode}: {await errors}");
    }
}
