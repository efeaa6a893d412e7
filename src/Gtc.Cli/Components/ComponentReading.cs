using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Wasm;
using Gtc.Wasm.Components;

namespace Gtc.Cli.Components;

/// <summary>Reads what a file of WebAssembly is, without running any of it.</summary>
internal static class ComponentReading
{
    /// <summary>Decodes and checks the bytes, and describes them.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">How to call it in the answer.</param>
    /// <param name="label">How to call it in a refusal.</param>
    /// <returns>The description, or <see cref="Refusal.MalformedArtifact"/> with the place of what is wrong.</returns>
    public static Outcome<ComponentShown> Of(ReadOnlyMemory<byte> bytes, string name, string label)
    {
        if (!(ComponentEngine.IsComponent(bytes.Span) ? Component(bytes, name) : Module(bytes, name)).TryGet(out var shown, out var error))
        {
            return new Refusal.MalformedArtifact($"{label} is not WebAssembly that gtc accepts: {Printable.Of(error.ToString())}");
        }

        return shown;
    }

    private static WasmResult<ComponentShown> Component(ReadOnlyMemory<byte> bytes, string name)
    {
        var modules = ImmutableArray.CreateBuilder<ModuleShown>();
        if (!new ComponentEngine(WasmLimits.Default).Load(bytes).TryGet(out var component, out var error)
            || !WasmSection.List(bytes.Span, WasmLimits.Default).TryGet(out var sections, out error)
            || (error = Collect(bytes, sections, modules)) is not null)
        {
            return error;
        }

        var linker = HostImports.For(component);
        var problem = component.Link(linker).Error;
        var world = ComponentWorld.Of(component.ExportItems);
        return new ComponentShown
        {
            Name = name,
            Kind = "component",
            SizeBytes = bytes.Length,
            Digest = $"sha256:{component.Digest}",
            RunsAs = world.Interface,
            NotRunnable = world.Problem,
            Links = problem is null,
            LinkProblem = problem?.Message,
            Imports = [.. component.ImportItems.Select(item => Extern(item) with { ServedBy = linker.FindOffered(item.Name) })],
            Exports = [.. component.ExportItems.Select(Extern)],
            Modules = modules.ToImmutable(),
            CustomSections = Custom(sections),
        };
    }

    private static WasmResult<ComponentShown> Module(ReadOnlyMemory<byte> bytes, string name)
    {
        if (!WasmModule.Load(bytes, WasmLimits.Default).TryGet(out var module, out var error))
        {
            return error;
        }

        return new ComponentShown
        {
            Name = name,
            Kind = "core-module",
            SizeBytes = bytes.Length,
            Digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes.Span))}",
            NotRunnable = "a core module has no interfaces; `gtc component build` makes a component of one that was compiled for it",
            Imports = [.. module.Imports.Select(import => new ExternShown(import.Name, Word(import.Kind)) { Module = import.Module, Type = TypeOf(module, import) })],
            Exports = [.. module.Exports.Select(export => new ExternShown(export.Name, Word(export.Kind)) { Type = TypeOf(module, export.Kind, (int)export.Index) })],
            Modules = [Shown(module)],
            CustomSections = [.. module.CustomSections.Select(section => new SectionShown(section.Name, section.Bytes.Length))],
        };
    }

    private static ExternShown Extern(ComponentItem item) => item.Kind == "function"
        ? new(item.Name, item.Kind) { Type = WitText.Of(item.Functions[0].Type) }
        : new(item.Name, item.Kind)
        {
            Functions = item.Kind == "instance" ? [.. item.Functions.Select(function => new FunctionShown(function.Name, WitText.Of(function.Type)))] : null,
        };

    // The component was accepted, so what is nested in it is sound and not deep; only how many sections it has was not bounded.
    private static WasmError? Collect(ReadOnlyMemory<byte> bytes, ImmutableArray<WasmSection> sections, ImmutableArray<ModuleShown>.Builder found)
    {
        foreach (var section in sections)
        {
            var content = bytes.Slice(section.Start, section.Length);
            if (section.Number == WasmSection.CoreModuleNumber)
            {
                found.Add(Shown(WasmModule.Decode(content, WasmLimits.Default).Value));
            }
            else if (section.Number == WasmSection.ComponentNumber
                && (!WasmSection.List(content.Span, WasmLimits.Default).TryGet(out var inner, out var error) || (error = Collect(content, inner, found)) is not null))
            {
                return error.Offset < 0 ? error : error with { Offset = section.Start + error.Offset };
            }
        }

        return null;
    }

    private static ModuleShown Shown(WasmModule module) => new(
        module.Bytes.Length,
        module.Code.Length,
        module.Code.Select(body => body.Length).DefaultIfEmpty().Max(),
        [.. module.Memories.Select((memory, index) => new MemoryShown(index < module.ImportedMemories, memory.Size.Minimum, memory.Size.Maximum))]);

    private static ImmutableArray<SectionShown> Custom(ImmutableArray<WasmSection> sections) =>
        [.. sections.Where(section => section.Name is not null).Select(section => new SectionShown(section.Name!, section.Length))];

    private static string Word(ExternalKind kind) => kind.ToString().ToLowerInvariant();

    private static string TypeOf(WasmModule module, Import import) => import switch
    {
        FunctionImport function => module.Types[(int)function.TypeIndex].ToString(),
        TableImport table => Text(table.Type),
        MemoryImport memory => Text(memory.Type),
        _ => Text(((GlobalImport)import).Type),
    };

    private static string TypeOf(WasmModule module, ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => module.TypeOf(index).ToString(),
        ExternalKind.Table => Text(module.Tables[index]),
        ExternalKind.Memory => Text(module.Memories[index]),
        _ => Text(module.Globals[index]),
    };

    private static string Text(TableType table) => $"{table.Size} {table.Element.Name()}";

    private static string Text(MemoryType memory) => $"{memory.Size} pages";

    private static string Text(GlobalType global) => global.IsMutable ? $"mut {global.Type.Name()}" : global.Type.Name();
}
