using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Payloads;

namespace Gtc.Cli.Verbs;

/// <summary>The flags that a group of verbs has in common; they stand before or after noun and verb.</summary>
internal sealed class VerbFlags
{
    private readonly Option<string> _format = new("--format")
    {
        HelpName = "json|table",
        Recursive = true,
        Description = "how results are printed; a table at a terminal, JSON lines in a pipe when not given",
    };

    private readonly Option<string>? _storeRoot;
    private readonly Option<string>? _storeUrl;
    private readonly Option<string>? _tokenFile;
    private readonly Option<string>? _context;
    private readonly Option<ulong?>? _expected;
    private readonly Option<string>? _ifMatch;
    private readonly Option<string>? _answers;
    private readonly Option<bool>? _schema;

    private VerbFlags(bool hasStore, string answers = "the verb's input as a JSON or YAML file, or - for standard input; excludes words and flags of the verb")
    {
        _format.AcceptOnlyFromAmong("json", "table");
        if (!hasStore)
        {
            return;
        }

        _storeRoot = new("--store-root")
        {
            HelpName = "DIR",
            Recursive = true,
            Description = "where environments live; GREENTIC_STORE_ROOT or ~/.greentic/environments when not given",
        };
        _storeUrl = new("--store-url")
        {
            HelpName = "URL",
            Recursive = true,
            Description = "work on a store server instead; GREENTIC_STORE_URL or the current context when not given",
        };
        _tokenFile = new("--store-token-file")
        {
            HelpName = "FILE",
            Recursive = true,
            Description = "the bearer token for it, in a file that only you can read; a token never stands on a command line",
        };
        _context = new("--context")
        {
            HelpName = "NAME",
            Recursive = true,
            Description = "the store of a context (gtc context list); `local` for files",
        };
        _expected = new("--expect-generation")
        {
            HelpName = "N",
            Recursive = true,
            Description = "refuse to change the environment unless it is of this generation",
        };
        _ifMatch = new("--if-match")
        {
            HelpName = "ETAG",
            Recursive = true,
            Description = "on a store server: refuse to change the environment unless it has this entity tag",
        };
        _answers = new("--answers")
        {
            HelpName = "FILE|-",
            Recursive = true,
            Description = answers,
        };
        _schema = new("--schema") { Recursive = true, Description = "print the JSON Schema of the verb's input and do nothing" };
    }

    /// <summary>Adds the flags of <c>gtc op</c> to a command.</summary>
    public static VerbFlags AddForOp(Command command) => new VerbFlags(hasStore: true).AddTo(command);

    /// <summary>Adds the flags of <c>gtc op</c> to a command whose answers mean something of their own.</summary>
    /// <param name="command">The command.</param>
    /// <param name="answers">What <c>--answers</c> is, one line.</param>
    public static VerbFlags AddForOp(Command command, string answers) => new VerbFlags(hasStore: true, answers).AddTo(command);

    /// <summary>Adds the flags of verbs that have no store: only the output format.</summary>
    public static VerbFlags AddForPlain(Command command) => new VerbFlags(hasStore: false).AddTo(command);

    /// <summary>A command that is one verb and nothing else, as <c>gtc doctor</c>: only the output format besides its own flags.</summary>
    public static Command Alone<T>(Verb<T> verb, CliContext context)
        where T : class
    {
        var flags = new VerbFlags(hasStore: false);
        var command = verb.Create(context, flags);
        flags.AddTo(command);
        return command;
    }

    /// <summary>True when payloads come from an answers file or words too, not from flags and positions alone.</summary>
    public bool HasPayload => _answers is not null;

    /// <summary>The answers file, or null.</summary>
    public string? Answers(ParseResult parsed) => _answers is null ? null : parsed.GetValue(_answers);

    /// <summary>True when only the schema was asked for.</summary>
    public bool WantsSchema(ParseResult parsed) => _schema is not null && parsed.GetValue(_schema);

    /// <summary>Which store is named, as typed.</summary>
    public StoreFlags Store(ParseResult parsed) => _storeRoot is null ? new() : new()
    {
        Root = parsed.GetValue(_storeRoot),
        Url = parsed.GetValue(_storeUrl!),
        TokenFile = parsed.GetValue(_tokenFile!),
        Context = parsed.GetValue(_context!),
        ExpectedGeneration = parsed.GetValue(_expected!),
        ExpectedEtag = parsed.GetValue(_ifMatch!),
    };

    /// <summary>The output format.</summary>
    public OutputFormat Format(ParseResult parsed, CliContext context) => parsed.GetValue(_format) switch
    {
        "json" => OutputFormat.Json,
        "table" => OutputFormat.Table,
        _ => context.IsTerminal ? OutputFormat.Table : OutputFormat.Json,
    };

    private VerbFlags AddTo(Command command)
    {
        foreach (var option in new Option?[] { _storeRoot, _storeUrl, _tokenFile, _context, _expected, _ifMatch, _answers, _schema, _format })
        {
            if (option is not null)
            {
                command.Add(option);
            }
        }

        return this;
    }
}
