using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Apply;

/// <summary>Manifests in a folder of their own, applied to a store beside it.</summary>
internal sealed class ApplyBench : IDisposable
{
    public const string Digest = "sha256:4f560749ec709e75b6063cdeccab15ed5074c2e60bc5f772c2d3b7d4bd992363";

    public TestCli Cli { get; } = new();

    public string Folder => Directory.CreateDirectory(Path.Combine(Cli.Folder, "manifests")).FullName;

    /// <summary>Writes a manifest for <c>local</c> with the given sections.</summary>
    public string Write(string sections, string name = "env.json")
    {
        File.WriteAllText(Path.Combine(Folder, name), Local(sections));
        return $"manifests/{name}";
    }

    public static string Local(string sections) => $$"""{"schema":"greentic.env-manifest.v1","environment":{"id":"local"}{{(sections.Length == 0 ? "" : ",")}}{{sections}}}""";

    /// <summary>A bundle declared by URI and digest, which nobody fetches.</summary>
    public static string Declared(string id, string more = "") => $$"""{"bundle_id":"{{id}}","bundle_source_uri":"oci://127.0.0.1:9/{{id}}:1","bundle_digest":"{{Digest}}"{{more}}}""";

    /// <summary>Builds a bundle beside the manifest.</summary>
    public async Task<string> BuildAsync(string id, string greeting = "Hello")
    {
        File.Delete(Path.Combine(Folder, $"{id}.gtbundle"));
        return (await TestBundles.BuildAsync(Folder, id, greeting)).Digest.ToString();
    }

    /// <summary>Runs a command line of <c>gtc op</c>, whatever it answers.</summary>
    public Task<TestRun> RunAsync(string line) => Cli.RunAsync($"op {line} --store-root {Cli.StoreRoot} --format json");

    /// <summary>Applies a manifest, which must succeed.</summary>
    public async Task<JsonElement> ApplyAsync(string manifest, string more = "")
    {
        Cli.Time.Advance(TimeSpan.FromSeconds(1));
        var run = await RunAsync($"env apply --answers {manifest} {more}");
        run.Exit.ShouldBe(0, run.Stderr);
        return run.Result;
    }

    /// <summary>Applies a manifest, which must be refused.</summary>
    public async Task<TestRun> RefusedAsync(string line)
    {
        Cli.Time.Advance(TimeSpan.FromSeconds(1));
        var run = await RunAsync(line);
        run.Exit.ShouldBe(1, run.Stdout);
        return run;
    }

    public async Task<JsonElement> DocumentAsync() => (await Cli.OpAsync("env show")).GetProperty("environment");

    public IReadOnlyList<JsonElement> Audit() => [.. Cli.AuditLines().Select(line => JsonElement.Parse(line))];

    public void Dispose() => Cli.Dispose();
}
