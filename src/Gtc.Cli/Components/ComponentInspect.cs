using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Wasm;

namespace Gtc.Cli.Components;

/// <summary><c>gtc component inspect</c>.</summary>
internal static class ComponentInspect
{
    /// <summary>One line.</summary>
    public const string Purpose = "Show what a WebAssembly component needs and gives, and whether gtc can run it";

    /// <summary>The verb.</summary>
    public static Verb<ComponentPayload> Verb => new()
    {
        Noun = "component",
        Name = "inspect",
        Purpose = Purpose,
        Remark = "The file is decoded and checked as it would be before it runs, and nothing in it is run. Of a pack all components are shown, or the one of --component.",
        Examples =
        [
            "component inspect greeter.wasm",
            "component inspect greeter.wasm --format json",
            "component inspect --pack hello.gtpack",
            "component inspect --pack hello.gtpack --component greeter",
        ],
        Payload = ComponentJson.Default.ComponentPayload,
        Fields =
        [
            new("file", "the .wasm file, a component or a core module", Position: "FILE"),
            new("pack", "a pack, in place of a file", "--pack", "FILE.gtpack"),
            new("component", "the component in the pack; all when not given", "--component", "ID"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ComponentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        Outcome<ComponentsShown> shown = payload switch
        {
            { File: { } file, Pack: null, Component: null } => await FromFileAsync(call.Context.PathOf(file), cancellationToken),
            { File: null, Pack: { } pack } => FromPack(call.Context.PathOf(pack), payload.Component),
            { File: null, Pack: null } => new Refusal.InvalidArgument("a .wasm file or --pack FILE.gtpack was expected, and neither was given"),
            { Pack: null } => new Refusal.InvalidArgument("--component names a component in a pack: it needs --pack FILE.gtpack in place of a file"),
            _ => new Refusal.InvalidArgument("a file and --pack exclude each other"),
        };
        return shown.Then(found => (Outcome<Answer>)Answer.Of(found, ComponentJson.Default.ComponentsShown, screen => ComponentScreen.Show(found, screen)));
    }

    private static async Task<Outcome<ComponentsShown>> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > WasmLimits.Default.ModuleBytes)
            {
                return new Refusal.MalformedArtifact($"{path} has {file.Length} bytes, at most {WasmLimits.Default.ModuleBytes} are accepted");
            }

            var bytes = new byte[file.Length];
            var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return ComponentReading.Of(bytes.AsMemory(0, read), Path.GetFileName(path), path).Then(shown => (Outcome<ComponentsShown>)new ComponentsShown(path, [shown]));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
        }
    }

    private static Outcome<ComponentsShown> FromPack(string path, string? id)
    {
        if (!PackFile.Open(path).TryGet(out var pack, out var refusal))
        {
            return refusal;
        }

        using (pack)
        {
            var wanted = pack.Manifest.Components.Where(component => id is null || component.Id == id).ToList();
            if (wanted.Count == 0)
            {
                return new Refusal.Missing(pack.Manifest.Components.IsEmpty
                    ? $"{path} has no components"
                    : $"{path} has no component `{id}`, but {string.Join(", ", pack.Manifest.Components.Select(component => component.Id))}");
            }

            var shown = ImmutableArray.CreateBuilder<ComponentShown>();
            foreach (var component in wanted)
            {
                if (!Member(pack, component).Then(bytes => ComponentReading.Of(bytes, component.Id, $"the component {component.Id} of {path}")).TryGet(out var one, out refusal))
                {
                    return refusal;
                }

                shown.Add(one with { DeclaredWorld = component.World });
            }

            return new ComponentsShown(path, shown.ToImmutable());
        }
    }

    // The second place is that of older packs (bundle-format.md §3.3).
    private static Outcome<byte[]> Member(PackFile pack, PackComponent component)
    {
        var older = $"components/{component.Id}@{component.Version}/component.wasm";
        return pack.Read(pack.Members.Any(member => member.Name == older) ? older : $"components/{component.Id}.wasm");
    }
}
