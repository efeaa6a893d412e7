using Gtc.Artifacts.Building;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>Puts the bundle of the demo into its folder: greeter, built, or a person's own.</summary>
internal sealed class DemoBundle(CliContext context, DemoFolder folder, DemoSteps steps)
{
    /// <summary>Does it.</summary>
    /// <returns>The bundle's path in the demo's folder.</returns>
    public Task<Outcome<string>> PrepareAsync(string? ownBundle, CancellationToken cancellationToken) =>
        ownBundle is null ? BuildAsync(cancellationToken) : Task.FromResult(Copy(context.PathOf(ownBundle), cancellationToken));

    private Outcome<string> Copy(string given, CancellationToken cancellationToken)
    {
        if (!File.Exists(given))
        {
            return new Refusal.Missing($"there is no bundle at {given}");
        }

        var copy = Path.Combine(folder.Bundles, Path.GetFileName(given));
        File.Copy(given, copy);
        return ContentDigest.OfFile(copy, cancellationToken).Then<string>(digest =>
        {
            steps.Tell("bundle", $"{Path.GetFileName(copy),-36}{DemoText.Size(new FileInfo(copy).Length),-12}{DemoText.Short(digest)}", [("path", given), ("digest", digest.ToString())]);
            return copy;
        });
    }

    private async Task<Outcome<string>> BuildAsync(CancellationToken cancellationToken)
    {
        GreeterSource.WriteTo(folder.Source);
        var path = Path.Combine(folder.Bundles, "greeter.gtbundle");
        var built = await BundleBuilder.BuildAsync(folder.Source, path, GtcCommandLine.Version, cancellationToken);
        return built.Then<string>(bundle =>
        {
            steps.Tell("build", $"{"greeter.gtbundle",-36}{DemoText.Size(bundle.Length),-12}{DemoText.Short(bundle.Digest)}  reproducible", [("path", path), ("digest", bundle.Digest.ToString())]);
            var component = new FileInfo(Path.Combine(folder.Source, "packs", "greeter", "components", "samples.greeter.wasm"));
            steps.Tell("with", $"samples.greeter, {DemoText.Size(component.Length)} of WebAssembly that answers in a sandbox (samples/components/greeter.c)", [("component", "samples.greeter")], isPart: true);
            return path;
        });
    }
}
