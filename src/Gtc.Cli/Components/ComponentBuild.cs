using Gtc.Artifacts.Digests;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Wasm;
using Gtc.Wasm.Components;

namespace Gtc.Cli.Components;

/// <summary><c>gtc component build</c>.</summary>
internal static class ComponentBuild
{
    /// <summary>One line.</summary>
    public const string Purpose = "Make a component of a core WebAssembly module that was compiled for one";

    private const int MaxWitBytes = 1 << 20;

    /// <summary>The verb.</summary>
    public static Verb<ComponentBuildPayload> Verb => new()
    {
        Noun = "component",
        Name = "build",
        Purpose = Purpose,
        Remark = "Imports of the module are called INTERFACE and FUNCTION, exports INTERFACE#FUNCTION, as compilers for C and Rust write them. gtc knows the interfaces of flows, such as greentic:component/node@0.6.0; "
            + "--wit adds a WIT package of yours. The result depends on nothing but the module and the interfaces.",
        Examples = ["component build greeter.core.wasm --output greeter.wasm", "component build tool.core.wasm --output tool.wasm --wit own.wit"],
        Payload = ComponentJson.Default.ComponentBuildPayload,
        Fields =
        [
            new("module", "the core module", Position: "MODULE"),
            new("output", "the component to write", "--output", "FILE"),
            new("wit", "a WIT package with more interfaces", "--wit", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ComponentBuildPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var path = call.Context.PathOf(payload.Module);
        if (!(await ReadAsync(path, WasmLimits.Default.ModuleBytes, cancellationToken)).TryGet(out var module, out var refusal)
            || !(await CatalogAsync(payload.Wit is { } wit ? call.Context.PathOf(wit) : null, cancellationToken)).TryGet(out var catalog, out refusal))
        {
            return refusal;
        }

        if (ComponentEngine.IsComponent(module))
        {
            return new Refusal.InvalidArgument($"{path} is a component already") { Next = $"gtc component inspect {payload.Module}" };
        }

        if (!ComponentEncoder.Encode(module, catalog).TryGet(out var component, out var error))
        {
            return new Refusal.InvalidArgument($"no component can be made of {path}: {error.Message}") { Next = $"gtc component inspect {payload.Module}" };
        }

        var output = call.Context.PathOf(payload.Output);
        await File.WriteAllBytesAsync(output, component, cancellationToken);
        var built = new ComponentBuilt(output, component.Length, ContentDigest.Of(component).ToString());
        return Answer.Of(built, ComponentJson.Default.ComponentBuilt, screen => screen.Facts(
            ("component", built.Path),
            ("size", $"{Figures.Size(built.Bytes)}, of which the module has {Figures.Size(module.Length)}"),
            ("digest", built.Digest),
            ("next", $"gtc component inspect {payload.Output}")));
    }

    private static async Task<Outcome<WitCatalog>> CatalogAsync(string? wit, CancellationToken cancellationToken)
    {
        var catalog = ComponentInterfaces.Catalog();
        if (wit is null)
        {
            return catalog;
        }

        return (await ReadAsync(wit, MaxWitBytes, cancellationToken)).Then<WitCatalog>(bytes =>
        {
            try
            {
                return catalog.Add(System.Text.Encoding.UTF8.GetString(bytes));
            }
            catch (ArgumentException error)
            {
                return new Refusal.InvalidArgument($"{wit} is not understood: {error.Message}");
            }
        });
    }

    private static async Task<Outcome<byte[]>> ReadAsync(string path, long most, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return new Refusal.Missing($"there is no file {path}");
        }

        var length = new FileInfo(path).Length;
        return length <= most ? await File.ReadAllBytesAsync(path, cancellationToken) : new Refusal.MalformedArtifact($"{path} has {length} bytes, at most {most} are accepted");
    }
}
