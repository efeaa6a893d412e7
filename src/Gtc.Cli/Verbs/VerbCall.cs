using Gtc.Cli.Contexts;
using Gtc.Cli.Output;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Verbs;

/// <summary>One call of a verb: where it runs and what it may say besides its answer.</summary>
internal sealed class VerbCall : IDisposable
{
    private const int MaxKeyLength = 255;

    /// <summary>A hyphen and a ULID.</summary>
    private const int KeyEndLength = 27;

    private readonly List<string> _warnings = [];
    private RemoteStore? _remote;
    private RemoteArtifacts? _artifacts;
    private string? _scratch;

    /// <summary>Makes a call.</summary>
    public VerbCall(CliContext context, OutputFormat format, StoreFlags flags)
    {
        Context = context;
        Format = format;
        Flags = flags;
    }

    /// <summary>The noun and the verb as typed, for refusals.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Which store was named.</summary>
    public StoreFlags Flags { get; }

    /// <summary>The world outside.</summary>
    public CliContext Context { get; }

    /// <summary>How the answer will be printed.</summary>
    public OutputFormat Format { get; }

    /// <summary>The exit code of an answer with findings.</summary>
    public int ExitWithFindings { get; init; }

    /// <summary>What was warned of so far, for the additive <c>warnings</c> member of results; null when nothing was.</summary>
    public IReadOnlyList<string>? Warnings => _warnings.Count == 0 ? null : _warnings;

    /// <summary>Says something that the person should know although the verb goes on; the same sentence only once.</summary>
    public void Warn(string sentence)
    {
        if (_warnings.Contains(sentence))
        {
            return;
        }

        _warnings.Add(sentence);
        if (Format == OutputFormat.Table)
        {
            Context.Stderr.WriteLine($"warning: {sentence}");
        }
    }

    /// <summary>The local store that flags and variables name; relative paths start at the working folder.</summary>
    public Outcome<FileEnvironmentStore> LocalStore() =>
        StoreLayout.Find(Flags.Root is null ? null : Context.PathOf(Flags.Root), StoreVariable)
            .Then(layout => (Outcome<FileEnvironmentStore>)new FileEnvironmentStore(layout, Context.Time, new RandomSource(Context.Random)) { Warned = warning => Warn(warning.Message) });

    /// <summary>The store server that flags, variables and the current context name, the same one each time; null for the local store.</summary>
    public Outcome<RemoteStore?> RemoteStore() => _remote is not null
        ? _remote
        : StoreChoice.Find(Flags, Context).Then<RemoteStore?>(found => found is { } server ? Connect(server) : (RemoteStore?)null);

    /// <summary>The artifacts of the store server that <see cref="RemoteStore"/> found.</summary>
    public RemoteArtifacts RemoteArtifacts => _artifacts ?? throw new InvalidOperationException("There is no store server.");

    /// <summary>A folder that nobody else may look into, the same one each time; it is gone when the call ends.</summary>
    public string Scratch() => _scratch ??= Directory.CreateTempSubdirectory("gtc-op-").FullName;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_scratch is not null)
        {
            Directory.Delete(_scratch, recursive: true);
        }

        _artifacts?.Dispose();
        _remote?.Dispose();
    }

    /// <summary>The environment that a payload means.</summary>
    public Outcome<EnvId> Environment(string? given)
    {
        var text = given ?? Given("GREENTIC_ENV") ?? EnvId.Local.ToString();
        return EnvId.TryParse(text, out var id) ? id : new Refusal.InvalidArgument($"`{text}` is not {EnvId.Expectation}");
    }

    /// <summary>The caller's key, or a fresh one.</summary>
    public Outcome<string> IdempotencyKey(string? given) => given switch
    {
        null => NewUlid().ToString(),
        _ when string.IsNullOrWhiteSpace(given) || given.Length > MaxKeyLength => new Refusal.InvalidArgument($"idempotency_key must be 1 to {MaxKeyLength} characters and not blank"),
        _ => given,
    };

    /// <summary>
    /// The caller's key for what is done again when it is asked for again. A store server answers what stands under a key, and what is sent encrypted is another request each
    /// time: there an end tells the uses of a key apart.
    /// </summary>
    public Outcome<string> AuditKey(string? given) => given is null || _remote is null ? IdempotencyKey(given)
        : given.Length > MaxKeyLength - KeyEndLength ? new Refusal.InvalidArgument($"idempotency_key must be 1 to {MaxKeyLength - KeyEndLength} characters over a store server")
        : IdempotencyKey(given).Then<string>(key => $"{key}-{NewUlid()}");

    /// <summary>A fresh id.</summary>
    public Ulid NewUlid()
    {
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        Context.Random(random);
        return Ulid.From(Context.Time.GetUtcNow(), random);
    }

    /// <summary>Says at a terminal which server is worked on, so that nobody takes one for another.</summary>
    private Outcome<RemoteStore?> Connect(ServerProfile server) => server.Transport(Context).Then<RemoteStore?>(transport =>
    {
        if (Format == OutputFormat.Table)
        {
            Context.Stderr.WriteLine(server.Name is { } name ? $"on {name}, {server.Target}" : $"on {server.Target}");
        }

        _artifacts = new RemoteArtifacts(server.Target, transport, Context.Time);
        return _remote = new RemoteStore(server.Target, transport);
    });

    private string? StoreVariable(string name) => name == "GREENTIC_STORE_ROOT" && Given(name) is { } root ? Context.PathOf(root) : Given(name);

    private string? Given(string variable) => Context.Variable(variable) is { Length: > 0 } value ? value : null;
}
