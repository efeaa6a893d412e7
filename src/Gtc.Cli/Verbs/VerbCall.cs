using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Verbs;

/// <summary>One call of a verb: where it runs and what it may say besides its answer.</summary>
internal sealed class VerbCall
{
    private readonly List<string> _warnings = [];
    private readonly string? _storeRootFlag;

    /// <summary>Makes a call.</summary>
    public VerbCall(CliContext context, OutputFormat format, string? storeRootFlag)
    {
        Context = context;
        Format = format;
        _storeRootFlag = storeRootFlag;
    }

    /// <summary>The world outside.</summary>
    public CliContext Context { get; }

    /// <summary>How the answer will be printed.</summary>
    public OutputFormat Format { get; }

    /// <summary>What was warned of so far, for the additive <c>warnings</c> member of results; null when nothing was.</summary>
    public IReadOnlyList<string>? Warnings => _warnings.Count == 0 ? null : _warnings;

    /// <summary>Says something that the person should know although the verb goes on.</summary>
    public void Warn(string sentence)
    {
        _warnings.Add(sentence);
        if (Format == OutputFormat.Table)
        {
            Context.Stderr.WriteLine($"warning: {sentence}");
        }
    }

    /// <summary>The folder of all environments.</summary>
    public Outcome<string> StoreRoot()
    {
        if ((_storeRootFlag ?? Given("GREENTIC_STORE_ROOT")) is { } given)
        {
            return Context.PathOf(given);
        }

        return Given("HOME") is { } home
            ? Path.Combine(home, ".greentic", "environments")
            : new Refusal.InvalidArgument("there is no store root: --store-root, GREENTIC_STORE_ROOT and HOME are all absent")
            {
                Next = $"{Context.ProgramName} op env list --store-root ./environments",
            };
    }

    /// <summary>The environment that a payload means.</summary>
    public Outcome<EnvId> Environment(string? given)
    {
        var text = given ?? Given("GREENTIC_ENV") ?? EnvId.Local.ToString();
        return EnvId.TryParse(text, out var id) ? id : new Refusal.InvalidArgument($"`{text}` is not {EnvId.Expectation}");
    }

    /// <summary>A fresh ULID.</summary>
    public Ulid NewUlid()
    {
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        Context.Random(random);
        return Ulid.From(Context.Time.GetUtcNow(), random);
    }

    private string? Given(string variable) => Context.Variable(variable) is { Length: > 0 } value ? value : null;
}
