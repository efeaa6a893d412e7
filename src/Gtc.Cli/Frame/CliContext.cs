using System.Collections.Immutable;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;

namespace Gtc.Cli;

/// <summary>Fills a span with random bytes.</summary>
/// <param name="destination">Where they go.</param>
internal delegate void RandomFill(Span<byte> destination);

/// <summary>Everything that a command may touch outside itself, so that tests run commands in process.</summary>
internal sealed record CliContext
{
    /// <summary>The name the program was started by; it decides which words it takes (<see cref="ProgramNames"/>).</summary>
    public string ProgramName { get; init; } = ProgramNames.Gtc;

    /// <summary>Results, and nothing but results.</summary>
    public required TextWriter Stdout { get; init; }

    /// <summary>Errors, warnings, progress.</summary>
    public required TextWriter Stderr { get; init; }

    /// <summary>Opens standard error for bytes, for log lines.</summary>
    public Func<Stream> OpenStderr { get; init; } = Console.OpenStandardError;

    /// <summary>Opens standard input; called at most once.</summary>
    public required Func<Stream> OpenStdin { get; init; }

    /// <summary>Writes a question and reads the answer from the terminal without showing it; null when there is no terminal to ask at.</summary>
    public Func<TextWriter, string, CancellationToken, Task<byte[]>>? AskHidden { get; init; }

    /// <summary>Writes a question and reads a line from the terminal, null when it was closed; null when there is no terminal to ask at.</summary>
    public Func<TextWriter, string, CancellationToken, Task<string?>>? AskLine { get; init; }

    /// <summary>Reads an environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The words that start gtc as a process of its own.</summary>
    public ImmutableArray<string> Program { get => field.IsDefault ? ThisProgram.Words() : field; init; }

    /// <summary>Relative paths start here.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The source of randomness.</summary>
    public required RandomFill Random { get; init; }

    /// <summary>Opens the transport for requests that the command line itself makes; redirects are not followed.</summary>
    public Func<HttpMessageHandler> OpenHttp { get; init; } = () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>The env-packs that are compiled in.</summary>
    public EnvPackRegistry EnvPacks { get => field ??= EnvPackRegistry.WithBuiltIns(new KubernetesCredentials(), new FleetCredentials()); init; }

    /// <summary>Runs the tools of other people.</summary>
    public IToolRunner Tools { get; init; } = new ProcessToolRunner();

    /// <summary>True when standard output is a terminal.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>True when standard error is a terminal.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 120;

    /// <summary>The words of the command line, or null to build the whole command tree.</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>The branches of the command tree.</summary>
    public ImmutableArray<CommandGroup> Groups { get; init; } = CommandTree.Groups;

    /// <summary>True when colour may be used on standard output: a terminal that is not dumb, and no <c>NO_COLOR</c> (no-color.org).</summary>
    public bool HasColor => IsTerminal && AllowsColor;

    /// <summary>The same for standard error.</summary>
    public bool HasErrorColor => IsErrorTerminal && AllowsColor;

    private bool AllowsColor => string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") is not "dumb";

    /// <summary>Whether a help page may have to be shown.</summary>
    public bool WantsHelp => Mentions("--help") || Mentions("-h");

    /// <summary>Whether a branch of the command tree can have been asked for. Branches that were not are listed by name only, which keeps the start fast.</summary>
    public bool Mentions(string word) => Arguments is null || Arguments.Contains(word, StringComparer.Ordinal);

    /// <summary>The full path of a file that a person named.</summary>
    public string PathOf(string path) => Path.GetFullPath(path, WorkingDirectory);
}
