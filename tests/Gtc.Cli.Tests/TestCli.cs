using System.Text;
using System.Text.Json;

namespace Gtc.Cli.Tests;

/// <summary>Runs command lines in process, in a fresh folder, with a manual clock and a counting source of randomness.</summary>
internal sealed class TestCli : IDisposable
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private byte _random;

    public TestCli() => Folder = Directory.CreateTempSubdirectory("gtc-cli-").FullName;

    /// <summary>Whether `gtc op` works on a store server in this test class, see <see cref="OverAServerAttribute"/>.</summary>
    public static bool IsRemote => OverAServerAttribute.Current is not null;

    /// <summary>Ends a test that is about the files of a local store, where there are none.</summary>
    public static void NeedsFiles(string why) => Assert.SkipWhen(IsRemote, $"about files of a local store: {why}");

    /// <summary>Whether environments lie in the folder <see cref="StoreRoot"/>, on this machine or of a server.</summary>
    public static bool HasFolder => OverAServerAttribute.Current is not { OnPostgres: true };

    /// <summary>Ends a test that looks into the folder of the server, where there is none.</summary>
    public static void NeedsFolder() => Assert.SkipUnless(HasFolder, "about the folder that a server keeps its environments in");

    /// <summary>The lines of an environment's audit log, oldest first.</summary>
    public string[] AuditLines(string environment = "local") =>
        HasFolder ? File.ReadAllLines(Path.Combine(StoreRoot, environment, "audit", "events.jsonl")) : TestServers.AuditLines(StoreRoot, environment);

    public string Folder { get; }

    public string StoreRoot => Path.Combine(Folder, "store");

    /// <summary>The local store of this machine; over a server another one than the server's.</summary>
    public string LocalRoot => IsRemote ? Path.Combine(Folder, ".greentic", "environments") : StoreRoot;

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 11, 20, 14, 2, 3, TimeSpan.Zero));

    /// <summary>The clock of the machine, for tests that wait for somebody else; null for <see cref="Time"/>.</summary>
    public TimeProvider? Clock { get; init; }

    public bool IsTerminal { get; init; }

    public string ProgramName { get; init; } = ProgramNames.Gtc;

    public int Width { get; init; } = 120;

    public string Stdin { get; set; } = "";

    /// <summary>What a person types when asked for something hidden; null when there is no terminal.</summary>
    public string? Typed { get; set; }

    /// <summary>The lines that a person types when asked, one after the other; when null, the only one is Stdin. Asked where Typed or Lines is set.</summary>
    public Queue<string>? Lines { get; set; }

    public IReadOnlyList<CommandGroup>? Groups { get; init; }

    /// <summary>Put around what carries requests, to look at them or to cut them off; null for the plain one.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? Wire { get; set; }

    /// <summary>The compiled-in env-packs; those of gtc unless a test brings its own.</summary>
    public Gtc.EnvPacks.EnvPackRegistry EnvPacks { get; init; } = Gtc.EnvPacks.EnvPackRegistry.WithBuiltIns(new Gtc.Deployers.Kubernetes.KubernetesCredentials(), new Gtc.Deployers.Fleet.FleetCredentials());

    public void SetVariable(string name, string value) => _variables[name] = value;

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public CliContext Context(TextWriter stdout, TextWriter stderr)
    {
        var context = new CliContext
        {
            ProgramName = ProgramName,
            Stdout = stdout,
            Stderr = stderr,
            OpenStdin = () => new MemoryStream(Encoding.UTF8.GetBytes(Stdin)),
            AskHidden = Typed is null ? null : (_, _, _) => Task.FromResult(Encoding.UTF8.GetBytes(Typed)),
            AskLine = Lines is null && Typed is null ? null : AskLineAsync,
            Variable = Variable,
            WorkingDirectory = Folder,
            Time = Clock ?? Time,
            Random = bytes =>
            {
                bytes.Fill(0x5a);
                bytes[^1] = _random++;
            },
            EnvPacks = EnvPacks,
            IsTerminal = IsTerminal,
            IsErrorTerminal = IsTerminal,
            Width = Width,
        };
        if (Wire is { } wire)
        {
            var open = context.OpenHttp;
            context = context with { OpenHttp = () => wire(open()) };
        }

        return Groups is null ? context : context with { Groups = [.. Groups] };
    }

    private string? Variable(string name) => name == "HOME" && !_variables.ContainsKey(name) ? Folder : _variables.GetValueOrDefault(name);

    private async Task<string?> AskLineAsync(TextWriter writer, string question, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(question);
        return Lines is null ? Stdin.TrimEnd('\n') : Lines.TryDequeue(out var line) ? line : null;
    }

    /// <summary>Runs one command line, split at blanks.</summary>
    public Task<TestRun> RunAsync(string line) => RunWordsAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public async Task<TestRun> RunWordsAsync(params string[] words)
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        var exit = await RunWordsAsync(words, stdout, stderr, TestContext.Current.CancellationToken);
        return new(exit, stdout.ToString(), TestServers.WithoutAddress(stderr.ToString()));
    }

    /// <summary>Runs one command line with writers and an end of the test's own.</summary>
    public async Task<int> RunWordsAsync(string[] words, TextWriter stdout, TextWriter stderr, CancellationToken cancellationToken)
    {
        var context = Context(stdout, stderr);
        if (IsRemote && words is ["op" or "setup", ..])
        {
            (words, context) = await TestServers.InsteadOfFilesAsync(words, context, this);
        }

        return await GtcCommandLine.RunAsync(words, context, cancellationToken);
    }

    /// <summary>Runs a command line of <c>gtc op</c> that must succeed, against this instance's store.</summary>
    public async Task<JsonElement> OpAsync(string line)
    {
        var run = await RunAsync($"op {line} --store-root {StoreRoot} --format json");
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result;
    }

    public void Dispose()
    {
        TestServers.StopBelow(Folder);
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>What a command line answered.</summary>
internal sealed record TestRun(int Exit, string Stdout, string Stderr)
{
    /// <summary>The only line of standard output as JSON.</summary>
    public JsonElement Envelope => Parse(Stdout);

    public JsonElement Result => Envelope.GetProperty("result");

    /// <summary>The error of a failed run.</summary>
    public JsonElement Error => Parse(Stderr).GetProperty("error");

    public string Kind => Error.GetProperty("kind").GetString()!;

    public string Message => Error.GetProperty("message").GetString()!;

    private static JsonElement Parse(string text)
    {
        text.ShouldEndWith("\n");
        text.Count(character => character == '\n').ShouldBe(1, text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

/// <summary>A clock that moves when it is told to.</summary>
internal sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset _now = start;

    public void Advance(TimeSpan by) => _now += by;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
