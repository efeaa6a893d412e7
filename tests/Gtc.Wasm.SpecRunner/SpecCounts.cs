using System.Text.Json;

namespace Gtc.Wasm.SpecRunner;

/// <summary>What came of the assertions of a file. Commands that assert nothing count only when they fail.</summary>
internal sealed class SpecCounts
{
    public int Passed { get; private set; }

    public List<string> Failures { get; } = [];

    public SortedDictionary<string, int> Skips { get; } = new(StringComparer.Ordinal);

    /// <summary>What is worth knowing about assertions that passed.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    public int Skipped => Skips.Values.Sum();

    public void Check(JsonElement command, bool holds, string otherwise)
    {
        if (holds)
        {
            Passed++;
        }
        else
        {
            Fail(command, otherwise);
        }
    }

    public void CheckQuietly(JsonElement command, bool holds, string otherwise)
    {
        if (!holds)
        {
            Fail(command, otherwise);
        }
    }

    public void Fail(JsonElement command, string why) =>
        Failures.Add($"line {command.GetProperty("line").GetInt32()}, {command.GetProperty("type").GetString()}: {why}");

    public void Skip(string reason) => Skips[reason] = Skips.GetValueOrDefault(reason) + 1;

    public void Note(string note) => Notes[note] = Notes.GetValueOrDefault(note) + 1;

    public void Add(SpecCounts other)
    {
        Passed += other.Passed;
        Failures.AddRange(other.Failures);
        foreach (var (reason, count) in other.Skips)
        {
            Skips[reason] = Skips.GetValueOrDefault(reason) + count;
        }

        foreach (var (note, count) in other.Notes)
        {
            Notes[note] = Notes.GetValueOrDefault(note) + count;
        }
    }
}
