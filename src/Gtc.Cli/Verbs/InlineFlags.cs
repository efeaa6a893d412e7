using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Payloads;
using Gtc.Model;

namespace Gtc.Cli.Verbs;

/// <summary>The flags of one verb, each of which sets one member of its payload.</summary>
internal sealed class InlineFlags
{
    private readonly PayloadShape _shape;
    private readonly ImmutableArray<PayloadField> _fields;
    private readonly List<(PayloadField Field, Option Option)> _options = [];

    /// <summary>Adds the flags of the fields to a command.</summary>
    public InlineFlags(Command command, PayloadShape shape, ImmutableArray<PayloadField> fields)
    {
        _shape = shape;
        _fields = fields;
        foreach (var field in fields)
        {
            var kind = shape.At(field.Path.Split('.')).Kind;
            if (kind == ShapeKind.Unknown)
            {
                throw new InvalidOperationException($"{field.Path} is no member of the payload.");
            }

            if (field.Flag is not null)
            {
                var option = Create(field, kind);
                command.Add(option);
                _options.Add((field, option));
            }
        }
    }

    /// <summary>The payload of the positions and flags that were typed.</summary>
    public Outcome<InlinePayload> Collect(ParseResult parsed, IReadOnlyList<string> positions)
    {
        var payload = new InlinePayload(_shape);
        foreach (var (field, value) in _fields.Where(field => field.Position is not null).Zip(positions))
        {
            if (payload.Set(new(field.Path, value, IsJson: false)) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var (field, option) in _options)
        {
            if (parsed.GetResult(option) is { Implicit: false } && SetFlag(payload, field, option, parsed) is { } refusal)
            {
                return refusal;
            }
        }

        return payload;
    }

    private static Option Create(PayloadField field, ShapeKind kind)
    {
        var name = field.Flag!;
        return kind switch
        {
            ShapeKind.Flag => new Option<bool>(name) { Description = field.Purpose },
            ShapeKind.List => new Option<string[]>(name) { HelpName = field.ValueName, Arity = ArgumentArity.OneOrMore, Description = $"{field.Purpose}; repeatable" },
            _ => new Option<string>(name) { HelpName = field.ValueName, Description = field.Purpose },
        };
    }

    private static Refusal? SetFlag(InlinePayload payload, PayloadField field, Option option, ParseResult parsed) => option switch
    {
        Option<bool> flag => payload.Set(new(field.Path, parsed.GetValue(flag) ? "true" : "false", IsJson: true)),
        Option<string[]> list => payload.SetList(field.Path, parsed.GetValue(list) ?? []),
        Option<string> text => payload.Set(new(field.Path, parsed.GetValue(text) ?? "", IsJson: false)),
        _ => throw new InvalidOperationException($"{option.Name} has no kind."),
    };
}
