using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Components;

/// <summary>What <c>gtc component inspect</c> takes: a file, or a pack and perhaps a component in it.</summary>
internal sealed record ComponentPayload
{
    /// <summary>A <c>.wasm</c> file.</summary>
    public string? File { get; init; }

    /// <summary>A <c>.gtpack</c> file.</summary>
    public string? Pack { get; init; }

    /// <summary>A component in the pack; all of them when null.</summary>
    public string? Component { get; init; }
}

/// <summary>What <c>gtc component build</c> takes.</summary>
internal sealed record ComponentBuildPayload
{
    /// <summary>The core module.</summary>
    public required string Module { get; init; }

    /// <summary>The component to write.</summary>
    public required string Output { get; init; }

    /// <summary>A WIT package with more interfaces.</summary>
    public string? Wit { get; init; }
}

/// <summary>What <c>gtc component build</c> answers.</summary>
/// <param name="Path">The file that was written.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Digest"><c>sha256:</c> and 64 hexadecimal digits.</param>
internal sealed record ComponentBuilt(string Path, long Bytes, string Digest);

/// <summary>What <c>gtc component inspect</c> answers.</summary>
/// <param name="Source">The file that was read.</param>
/// <param name="Components">One for a file; for a pack as many as were asked for.</param>
internal sealed record ComponentsShown(string Source, ImmutableArray<ComponentShown> Components);

/// <summary>What is in one file of WebAssembly.</summary>
internal sealed record ComponentShown
{
    /// <summary>The name of the file, or the component's id in its pack.</summary>
    public required string Name { get; init; }

    /// <summary><c>component</c> or <c>core-module</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its size.</summary>
    public required long SizeBytes { get; init; }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>The world that the pack declares, which decides nothing; null for a file and where none is declared.</summary>
    public string? DeclaredWorld { get; init; }

    /// <summary>The exported interface that gtc calls, or null when it can call none.</summary>
    public string? RunsAs { get; init; }

    /// <summary>Why gtc cannot run it, or null.</summary>
    public string? NotRunnable { get; init; }

    /// <summary>For a component: whether this gtc has everything that it imports, with the types that it wants.</summary>
    public bool? Links { get; init; }

    /// <summary>What is missing or does not fit, or null.</summary>
    public string? LinkProblem { get; init; }

    /// <summary>What it needs, in its order.</summary>
    public required ImmutableArray<ExternShown> Imports { get; init; }

    /// <summary>What it gives, in its order.</summary>
    public required ImmutableArray<ExternShown> Exports { get; init; }

    /// <summary>The core modules in it, those of nested components included; for a core module itself.</summary>
    public required ImmutableArray<ModuleShown> Modules { get; init; }

    /// <summary>Custom sections of the file itself, not those of modules in it.</summary>
    public required ImmutableArray<SectionShown> CustomSections { get; init; }
}

/// <summary>An import or export.</summary>
/// <param name="Name">Its name; of an interface the id with version.</param>
/// <param name="Kind">For a component: instance, function, type, component or core module; for a core module: function, table, memory or global.</param>
internal sealed record ExternShown(string Name, string Kind)
{
    /// <summary>The first name of a core module's import, otherwise null.</summary>
    public string? Module { get; init; }

    /// <summary>The type, or null for an interface.</summary>
    public string? Type { get; init; }

    /// <summary>The functions of an interface, otherwise null.</summary>
    public ImmutableArray<FunctionShown>? Functions { get; init; }

    /// <summary>The interface of this gtc that serves an import, or null when none does.</summary>
    public string? ServedBy { get; init; }
}

/// <summary>A function of an interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as WIT writes it; long ones are cut with an ellipsis.</param>
internal sealed record FunctionShown(string Name, string Type);

/// <summary>A core module.</summary>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Functions">How many functions it has, imported ones not counted.</param>
/// <param name="LargestFunctionBytes">The code of the longest of them, without its list of locals: the time that it takes to make machine code of it cannot be interrupted.</param>
/// <param name="Memories">Its memories, imported ones included.</param>
internal sealed record ModuleShown(long SizeBytes, int Functions, int LargestFunctionBytes, ImmutableArray<MemoryShown> Memories);

/// <summary>A memory.</summary>
/// <param name="Imported">Whether it comes from outside of the module.</param>
/// <param name="MinimumPages">Its first size in pages of 64 KiB.</param>
/// <param name="MaximumPages">What it may grow to; null when only the host limits it.</param>
internal sealed record MemoryShown(bool Imported, long MinimumPages, long? MaximumPages);

/// <summary>A custom section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBytes">The size of its content.</param>
internal sealed record SectionShown(string Name, long SizeBytes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ComponentPayload))]
[JsonSerializable(typeof(ComponentsShown))]
[JsonSerializable(typeof(ComponentBuildPayload))]
[JsonSerializable(typeof(ComponentBuilt))]
internal sealed partial class ComponentJson : JsonSerializerContext;
