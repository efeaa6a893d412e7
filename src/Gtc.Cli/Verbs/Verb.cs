using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Cli.Output;
using Gtc.Cli.Payloads;
using Gtc.Model;

namespace Gtc.Cli.Verbs;

/// <summary>One verb: a payload record, the ways to fill it, and what is done with it.</summary>
/// <typeparam name="T">The payload.</typeparam>
internal sealed class Verb<T>
    where T : class
{
    /// <summary>The noun's label in envelopes.</summary>
    public required string Noun { get; init; }

    /// <summary>The verb as typed.</summary>
    public required string Name { get; init; }

    /// <summary>Its label in envelopes when that is not what is typed, or null.</summary>
    public string? Label { get; init; }

    /// <summary>One line without a final full stop.</summary>
    public required string Purpose { get; init; }

    /// <summary>More for the help page, or null.</summary>
    public string? Remark { get; init; }

    /// <summary>Command lines that work as typed, without the program's name; the first one is shown in refusals.</summary>
    public required ImmutableArray<string> Examples { get; init; }

    /// <summary>The payload's metadata.</summary>
    public required JsonTypeInfo<T> Payload { get; init; }

    /// <summary>How its members are typed.</summary>
    public required ImmutableArray<PayloadField> Fields { get; init; }

    /// <summary>Turns words of a verb's own into members, e.g. <c>REV=90%</c>.</summary>
    public Func<ImmutableArray<Word>, Outcome<ImmutableArray<Word>>> ReadWords { get; init; } = words => words;

    /// <summary>Refuses input for a reason that the payload's shape cannot know; null to go on.</summary>
    public Func<JsonElement, Refusal?> Forbid { get; init; } = _ => null;

    /// <summary>Whether the answer may have findings, so that the verb takes <c>--fail-on-findings</c> and <c>--exit-code</c> (op-cli.md §2).</summary>
    public bool ReportsFindings { get; init; }

    /// <summary>How those words look in the usage line.</summary>
    public string? OwnWords { get; init; }

    /// <summary>Does it.</summary>
    public required Func<T, VerbCall, CancellationToken, Task<Outcome<Answer>>> RunAsync { get; init; }

    /// <summary>Builds the command.</summary>
    public Command Create(CliContext context, VerbFlags flags)
    {
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var command = new DescribedCommand(Name, Purpose) { Examples = Examples, Words = words, Operands = Operands(flags), Remark = Remark };
        command.Add(words);
        var shape = PayloadShape.Of(Payload);
        var inline = new InlineFlags(command, shape, Fields);
        var findings = ReportsFindings ? FindingFlags.AddTo(command) : null;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var call = new VerbCall(context, flags.Format(parsed, context), flags.Store(parsed)) { Verb = $"{Noun} {Name}", ExitWithFindings = findings?.ExitCode(parsed) ?? ExitCodes.Ok };
            return flags.WantsSchema(parsed)
                ? Report(Schema(), call)
                : await InvokeAsync(parsed, command, inline, flags, call, cancellationToken);
        });
        return command;
    }

    private async Task<int> InvokeAsync(
        ParseResult parsed, DescribedCommand command, InlineFlags inline, VerbFlags flags, VerbCall call, CancellationToken cancellationToken)
    {
        var words = UsageErrors.WordsOf(parsed, command);
        ImmutableArray<Word> typed = flags.HasPayload ? [.. words.Select(Word.Parse).OfType<Word>()] : [];
        var positions = flags.HasPayload ? words.Where(word => Word.Parse(word) is null).ToList() : words;
        var places = Fields.Count(field => field.Position is not null);
        if (positions.Count > places)
        {
            new UsageError($"`{UsageErrors.PathOf(command)}` takes no word `{positions[places]}`", command, null, []).Write(call.Context);
            return ExitCodes.Usage;
        }

        var payload = inline.Collect(parsed, positions).Then(built => WithWords(built, typed));
        var answers = flags.Answers(parsed);
        if (answers is not null && payload.Match(built => !built.IsEmpty, _ => true))
        {
            return Report(new Refusal.InvalidArgument("--answers and values on the command line exclude each other")
            {
                Next = $"{UsageErrors.PathOf(command)} --answers {answers}",
            }, call);
        }

        var json = answers is null
            ? payload.Then(built => (Outcome<JsonElement>)built.ToElement())
            : await AnswersFile.ReadAsync(answers, call.Context, cancellationToken);
        var read = json.Then(element => Forbid(element) is { } forbidden ? forbidden : PayloadReader.Read(element, Payload, $"{call.Context.ProgramName} {Examples[0]}"));
        var outcome = read.TryGet(out var value, out var refusal) ? await RunGuardedAsync(value, call, cancellationToken) : refusal;
        var exit = Report(outcome, call);
        if (outcome.IsOk && outcome.Value.Afterwards is { } afterwards)
        {
            await afterwards(cancellationToken);
        }

        return exit;
    }

    private async Task<Outcome<Answer>> RunGuardedAsync(T payload, VerbCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(payload, call, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A broken machine, not a bug: say which file, without a stack.
            return new Refusal.FileFailed(error.Message.TrimEnd('.'));
        }
    }

    private Outcome<InlinePayload> WithWords(InlinePayload payload, ImmutableArray<Word> words) => ReadWords(words).Then(read =>
    {
        foreach (var word in read)
        {
            if (payload.Set(word) is { } refusal)
            {
                return refusal;
            }
        }

        return (Outcome<InlinePayload>)payload;
    });

    private Outcome<Answer> Schema()
    {
        var purposes = Fields.ToDictionary(field => field.Path, field => field.Purpose, StringComparer.Ordinal);
        var schema = PayloadSchema.Of(Payload, $"{Noun} {Label ?? Name}", purposes);
        return new Answer(writer => schema.WriteTo(writer), screen => screen.Json(schema));
    }

    private int Report(Outcome<Answer> outcome, VerbCall call) => VerbReport.Write(Noun, Label ?? Name, outcome, call);

    private string Operands(VerbFlags flags)
    {
        var required = PayloadShape.Of(Payload).RequiredMembers.ToHashSet(StringComparer.Ordinal);
        var positions = Fields.Where(field => field.Position is not null).Select(field => required.Contains(field.Path) ? field.Position! : $"[{field.Position}]");
        var words = flags.HasPayload && Fields.Length > 0 ? ["[key=value …]"] : Array.Empty<string>();
        return string.Join(' ', [.. positions, .. OwnWords is null ? [] : new[] { OwnWords }, .. words]);
    }
}
