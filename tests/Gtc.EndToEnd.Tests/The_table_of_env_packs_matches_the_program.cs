using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.EndToEnd.Tests;

public sealed class The_table_of_env_packs_matches_the_program
{
    [Fact]
    public void Every_built_in_env_pack_has_its_line()
    {
        var listed = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "reference", "env-packs.md")).Where(line => line.StartsWith("| `greentic.", StringComparison.Ordinal));
        listed.ShouldBe(EnvPackRegistry.WithBuiltIns(new Gtc.Deployers.Kubernetes.KubernetesCredentials(), new Gtc.Deployers.Fleet.FleetCredentials()).Handlers.Select(handler =>
            $"| `{handler.DescriptorPath}` | {PackVerbs.Text(handler.Slot)} | `{handler.SupportedVersions}` | {handler.Questions?.Questions.Length ?? 0} | {handler.Credentials?.Capabilities.Length ?? 0} |"));
    }

    /// <summary>Whatever the sample proves, it must prove for packs that gtc does not know.</summary>
    [Fact]
    public void No_source_file_knows_the_sample() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("acme.telemetry.hello", StringComparison.Ordinal))
            .ShouldBeEmpty();
}
