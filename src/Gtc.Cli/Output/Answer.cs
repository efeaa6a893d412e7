using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Cli.Output;

/// <summary>What a verb has to say when it succeeded: the wire form, and the form for people.</summary>
/// <param name="Write">Writes the envelope's <c>result</c>.</param>
/// <param name="Show">Prints it for people.</param>
internal sealed record Answer(Action<Utf8JsonWriter> Write, Action<Screen> Show)
{
    /// <summary>Whether the report names something that should not be so: a check that failed, a drift. Verbs with <c>ReportsFindings</c> exit by it.</summary>
    public bool HasFindings { get; init; }

    /// <summary>Prints it in a form of its own, in place of both others; null when it has none.</summary>
    public Action<TextWriter>? Lines { get; init; }

    /// <summary>What goes on after it was printed, e.g. serving until the token says stop; null when nothing does.</summary>
    public Func<CancellationToken, Task>? Afterwards { get; init; }

    /// <summary>An answer whose wire form is a record.</summary>
    public static Answer Of<T>(T result, JsonTypeInfo<T> type, Action<Screen> show) =>
        new(writer => JsonSerializer.Serialize(writer, result, type), show);
}
