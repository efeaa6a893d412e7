using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Tests;

/// <summary>A noun with one verb whose payload has a member of every shape; it answers with the payload that it got.</summary>
internal static class FakeOp
{
    public static IReadOnlyList<CommandGroup> Groups { get; } = [new("op", "Fake", Create)];

    public static Verb<ThingPayload> Verb { get; } = new()
    {
        Noun = "thing",
        Name = "make",
        Purpose = "Make a thing",
        Examples = ["op thing make name=x size=1"],
        Payload = FakeJson.Default.ThingPayload,
        Fields =
        [
            PayloadField.Environment,
            new("name", "what it is called", "--name", "NAME"),
            new("size", "how big it is", "--size", "N"),
            new("is_loud", "whether it is loud", "--loud"),
            new("tags", "labels", "--tag", "TAG"),
        ],
        RunAsync = (payload, call, _) =>
        {
            if (payload.Name == "refused")
            {
                return Task.FromResult<Outcome<Answer>>(new Refusal.Conflict("the thing was refused")
                {
                    Details = [new("expected", "another name"), new("found", payload.Name)],
                    Next = "gtc op thing make name=other size=1",
                });
            }

            if (payload.Name == "warned")
            {
                call.Warn("this name is odd");
            }

            return Task.FromResult<Outcome<Answer>>(Answer.Of(payload, FakeJson.Default.ThingPayload, screen => screen.Say($"Made {payload.Name}.")));
        },
    };

    private static Command Create(CliContext context)
    {
        var command = new Command("op", "Fake");
        var flags = VerbFlags.AddForOp(command);
        CommandGroup.AddTo(command, [new("thing", "Things", inner => NounCommand.Create("thing", "Things", inner, [new("make", Verb.Purpose, c => Verb.Create(c, flags))]))], context);
        return command;
    }
}

internal sealed record ThingPayload
{
    public string? EnvironmentId { get; init; }

    public required string Name { get; init; }

    public required uint Size { get; init; }

    public ulong? Count { get; init; }

    public bool IsLoud { get; init; }

    public ImmutableArray<string> Tags { get => field.IsDefault ? [] : field; init; }

    public ThingPart? Part { get; init; }

    public ImmutableArray<ThingPart> Parts { get => field.IsDefault ? [] : field; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? Settings { get; init; }
}

internal sealed record ThingPart
{
    public required string Label { get; init; }

    public ThingPart? Inner { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ThingPayload))]
internal sealed partial class FakeJson : JsonSerializerContext;
