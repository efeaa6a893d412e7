using Gtc.Wasm.SpecRunner;

namespace Gtc.Wasm.Tests;

/// <summary>The cases of this repository, on every engine. They cover every instruction, every trap and every rule of validation.</summary>
public sealed class Cases_hold
{
    private const int StackBytes = 64 << 20;

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(WastFolder.Cases, "*.wast").Order(StringComparer.Ordinal))
        {
            foreach (var engine in SpecRun.EngineNames)
            {
                cases.Add(Path.GetFileNameWithoutExtension(file), engine);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_assertion_holds(string name, string engine)
    {
        using var folder = WastFolder.OfCase(name);
        SpecCounts? counts = null;
        var thread = new Thread(() => counts = SpecRun.Run(engine, folder.Script), StackBytes);
        thread.Start();
        thread.Join();
        counts.ShouldNotBeNull();
        counts.Failures.ShouldBeEmpty();
        counts.Skipped.ShouldBe(0);
        counts.Passed.ShouldBeGreaterThan(30);
        counts.Notes.ShouldBeEmpty("modules are refused for the stated kind of reason");
    }

    [Fact]
    public void No_instruction_is_without_a_case()
    {
        var text = string.Join('\n', Directory.GetFiles(WastFolder.Cases, "*.wast").Select(File.ReadAllText));
        InstructionTable.All.Where(shape => !text.Contains($"({shape.Name}", StringComparison.Ordinal)).Select(shape => shape.Name)
            .ShouldBe(["end"], "a parenthesis closes a block here");
    }
}
