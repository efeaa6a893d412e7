using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Components;
using Gtc.Cli.Payloads;
using Gtc.Cli.Tests.Bundle;
using Gtc.Model;

namespace Gtc.Cli.Tests.Payloads;

/// <summary>
/// docs/reference/schemas holds what <c>--schema</c> prints, and results of verbs that other programs read. After a payload changed, write them again with
/// <c>GTC_WRITE_SCHEMAS=1</c> and this test.
/// </summary>
public class Schemas_are_published
{
    private const string Manifest = "env-manifest.v1.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string> ComponentPurposes = new(StringComparer.Ordinal)
    {
        ["components.kind"] = "component or core-module",
        ["components.declared_world"] = "what the pack declares; it decides nothing",
        ["components.runs_as"] = "the exported interface that gtc calls; absent when it can call none",
        ["components.not_runnable"] = "why gtc can call none",
        ["components.links"] = "for a component: whether this gtc has everything that it imports",
        ["components.imports.served_by"] = "the interface of this gtc that serves it; absent when none does",
        ["components.modules.memories.minimum_pages"] = "in pages of 64 KiB",
        ["components.modules.memories.maximum_pages"] = "in pages of 64 KiB; absent when only the host limits it",
    };

    private static string Folder { get; } = Path.Combine(TestBundles.RepositoryRoot(), "docs", "reference", "schemas");

    [Fact]
    public async Task They_are_what_the_program_prints()
    {
        var schemas = await PrintedAsync();
        if (Environment.GetEnvironmentVariable("GTC_WRITE_SCHEMAS") == "1")
        {
            Write(schemas);
        }

        var published = Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        const string HowTo = "write them again: GTC_WRITE_SCHEMAS=1 tests/Gtc.Cli.Tests/bin/Debug/net10.0/Gtc.Cli.Tests -class \"*Schemas_are_published\"";
        published.ShouldBe(schemas.Keys.Order(StringComparer.Ordinal), HowTo);
        foreach (var (name, text) in schemas)
        {
            (await File.ReadAllTextAsync(Path.Combine(Folder, name), TestContext.Current.CancellationToken)).ShouldBe(text, $"{name}: {HowTo}");
        }

        schemas.Count.ShouldBeGreaterThan(20);
    }

    private static async Task<SortedDictionary<string, string>> PrintedAsync()
    {
        var schemas = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Manifest] = Text(JsonNode.Parse(ManifestSchema.Export().GetRawText())!),
            ["component-inspect.result.json"] = Text(PayloadSchema.Of(ComponentJson.Default.ComponentsShown, "component inspect: result", ComponentPurposes)),
        };
        using var cli = new TestCli();
        var groups = new CommandTree(cli.Context(TextWriter.Null, TextWriter.Null)).Root.Subcommands;
        foreach (var verb in groups.Where(command => command.Name is "op" or "setup").SelectMany(Leaves))
        {
            var words = UsageErrors.PathOf(verb)["gtc ".Length..];
            var run = await cli.RunAsync($"{words} --schema --store-root {cli.StoreRoot} --format json");
            run.Exit.ShouldBe(0, words);
            var text = Text(JsonNode.Parse(run.Result.GetRawText())!);
            if (text != schemas[Manifest])
            {
                schemas.Add($"{words.Replace(' ', '-')}.json", text);
            }
        }

        Directory.Exists(cli.StoreRoot).ShouldBeFalse("a schema reads and makes nothing");
        return schemas;
    }

    private static void Write(SortedDictionary<string, string> schemas)
    {
        Directory.CreateDirectory(Folder);
        foreach (var stale in Directory.GetFiles(Folder, "*.json"))
        {
            File.Delete(stale);
        }

        foreach (var (name, text) in schemas)
        {
            File.WriteAllText(Path.Combine(Folder, name), text);
        }
    }

    private static string Text(JsonNode schema) => schema.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
