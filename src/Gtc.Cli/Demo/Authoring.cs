using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>The seeds' sequence of verbs, as typed: one revision of one bundle with all traffic.</summary>
internal sealed class Authoring(OpCalls op, DemoSteps steps)
{
    /// <summary>Runs it.</summary>
    /// <param name="bundle">The bundle's path.</param>
    /// <param name="source">Where workers pull it from; null for a revision that cannot be pulled.</param>
    /// <param name="deployerAnswers">The answers of the Kubernetes deployer, which makes the environment one of a cluster; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The revision's id.</returns>
    public async Task<Outcome<string>> RunAsync(string bundle, Uri? source, string? deployerAnswers, CancellationToken cancellationToken)
    {
        string[][] sequence =
        [
            ["env", "create"],
            ["trust-root", "bootstrap", "local"],
            .. deployerAnswers is null ? Array.Empty<string[]>() : [["env-packs", "add", "slot=deployer", "kind=greentic.deployer.k8s@1.0.0", "pack_ref=builtin", $"answers_ref={deployerAnswers}"]],
            ["bundles", "add"],
            ["revisions", "stage", $"bundle_path={bundle}", .. source is null ? Array.Empty<string>() : [$"bundle_source_uri={source}"]],
            ["revisions", "warm"],
            ["traffic", "set"],
        ];
        JsonElement revision = default;
        foreach (var words in sequence)
        {
            if (!(await op.RunAsync(cancellationToken, words)).TryGet(out var result, out var refusal))
            {
                return refusal;
            }

            revision = words is ["revisions", "warm", ..] ? result : revision;
        }

        var id = revision.GetProperty("revision_id").GetString()!;
        steps.Tell(
            "author",
            $"env local · deployment {revision.GetProperty("bundle_id").GetString()} · revision {DemoText.Shorten(id)} (staged → {revision.GetProperty("lifecycle").GetString()}) · traffic 100 %",
            [("environment", "local"), ("revision_id", id), ("deployment_id", revision.GetProperty("deployment_id").GetString()!)]);
        return id;
    }
}
