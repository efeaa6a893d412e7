using System.Text.Json;
using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>Runs the commands of one file that wast2json wrote.</summary>
internal sealed class SpecScript
{
    private readonly ISpecEngine _engine;
    private readonly string _folder;
    private readonly Dictionary<string, ISpecInstance> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ISpecInstance> _registered = new(StringComparer.Ordinal);
    private ISpecInstance? _last;

    private SpecScript(ISpecEngine engine, string folder)
    {
        _engine = engine;
        _folder = folder;
    }

    /// <summary>Runs a file.</summary>
    public static SpecCounts Run(ISpecEngine engine, string file)
    {
        var counts = new SpecCounts();
        // wast2json 1.0.32 forgets the comma between the result types of an action that is expected to trap.
        using var document = JsonDocument.Parse(File.ReadAllText(file).Replace("}{\"type\"", "},{\"type\"", StringComparison.Ordinal));
        var script = new SpecScript(engine, Path.GetDirectoryName(file)!);
        foreach (var command in document.RootElement.GetProperty("commands").EnumerateArray())
        {
            try
            {
                script.Run(command, counts);
            }
            catch (InvalidDataException unusable)
            {
                counts.Fail(command, unusable.Message);
            }
        }

        return counts;
    }

    private void Run(JsonElement command, SpecCounts counts)
    {
        switch (Text(command, "type"))
        {
            case "module":
                LoadModule(command, counts);
                break;
            case "register":
                _registered[Text(command, "as")] = Instance(command, "name");
                break;
            case "action":
                var done = Act(command);
                counts.CheckQuietly(command, done.Ending == SpecEnding.Done, done.Message);
                break;
            case "assert_return":
                AssertReturn(command, counts);
                break;
            case "assert_trap":
                AssertEnding(command, Act(command), SpecEnding.Trapped, counts);
                break;
            case "assert_exhaustion":
                AssertEnding(command, Act(command), SpecEnding.Exhausted, counts);
                break;
            case "assert_unlinkable":
                AssertEnding(command, Load(command), SpecEnding.Unlinkable, counts);
                break;
            case "assert_uninstantiable":
                AssertEnding(command, Load(command), SpecEnding.Trapped, counts);
                break;
            case "assert_malformed":
                AssertRefused(command, WasmErrorKind.Malformed, counts);
                break;
            case "assert_invalid":
                AssertRefused(command, WasmErrorKind.Invalid, counts);
                break;
            case var other:
                counts.Skip($"commands of type {other}");
                break;
        }
    }

    private void LoadModule(JsonElement command, SpecCounts counts)
    {
        var loaded = Load(command);
        _last = loaded.Instance;
        counts.CheckQuietly(command, _last is not null, loaded.Message);
        if (_last is not null && command.TryGetProperty("name", out var name))
        {
            _named[name.GetString()!] = _last;
        }
    }

    private SpecOutcome Load(JsonElement command) =>
        _engine.Instantiate(File.ReadAllBytes(Path.Combine(_folder, Text(command, "filename"))), _registered);

    private SpecOutcome Act(JsonElement command)
    {
        var action = command.GetProperty("action");
        var instance = Instance(action, "module");
        return Text(action, "type") == "invoke"
            ? instance.Invoke(Text(action, "field"), [.. action.GetProperty("args").EnumerateArray().Select(SpecValues.Read)])
            : instance.Get(Text(action, "field"));
    }

    private ISpecInstance Instance(JsonElement element, string property)
    {
        var instance = element.TryGetProperty(property, out var name) ? _named.GetValueOrDefault(name.GetString()!) : _last;
        return instance ?? throw new InvalidDataException("the module that it needs was not loaded");
    }

    private void AssertReturn(JsonElement command, SpecCounts counts)
    {
        var outcome = Act(command);
        if (outcome.Values is not { } values)
        {
            counts.Fail(command, $"{outcome.Ending}: {outcome.Message}");
            return;
        }

        var expected = command.GetProperty("expected");
        var matches = expected.GetArrayLength() == values.Length && expected.EnumerateArray().Zip(values).All(pair => SpecValues.Matches(pair.First, pair.Second));
        counts.Check(command, matches, $"expected {expected.GetRawText()}, found {string.Join(", ", values.Select(Show))}");
    }

    private static string Show(Value value) => value.Reference is { } reference ? $"{reference}" : $"{value.High:x16}{value.Low:x16}";

    // The suite states the beginning of a message; some engines say more, some versions of the suite do.
    private static void AssertEnding(JsonElement command, SpecOutcome outcome, SpecEnding expected, SpecCounts counts)
    {
        var text = Text(command, "text");
        var agrees = expected is SpecEnding.Unlinkable
            || text.StartsWith(outcome.Message, StringComparison.Ordinal) || outcome.Message.StartsWith(text, StringComparison.Ordinal);
        counts.Check(command, outcome.Ending == expected && agrees, $"expected {expected} \"{text}\", found {outcome.Ending} \"{outcome.Message}\"");
    }

    private void AssertRefused(JsonElement command, WasmErrorKind kind, SpecCounts counts)
    {
        if (Text(command, "module_type") != "binary")
        {
            counts.Skip("modules in text format");
            return;
        }

        var outcome = Load(command);
        counts.Check(command, outcome.Ending == SpecEnding.Refused, $"expected {kind} \"{Text(command, "text")}\", found {outcome.Ending} {outcome.Message}");
        if (outcome.Error is { } error && error.Kind != kind)
        {
            counts.Note($"refused, but as {error.Kind} where {kind} is expected");
        }
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.GetString()! : throw new InvalidDataException($"a command without \"{property}\"");
}
