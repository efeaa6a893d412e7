using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;

namespace Gtc.Artifacts.Packs;

/// <summary>Resolves "index into a symbol table, or literal text", the form every id of a manifest may take.</summary>
internal sealed class SymbolTables(PackSymbols symbols)
{
    /// <summary>Tables of a document that has none: every id is literal.</summary>
    public static SymbolTables None { get; } = new(new PackSymbols());

    public PackSymbols Symbols { get; } = symbols;

    public static SymbolTables Read(DocumentValue? symbols) => symbols is not { } tables
        ? None
        : new(new PackSymbols
        {
            ComponentIds = tables.Texts("component_ids"),
            NodeIds = tables.Texts("node_ids"),
            CapabilityNames = tables.Texts("capability_names"),
            PackIds = tables.Texts("pack_ids"),
        });

    public string ComponentId(DocumentValue id) => Resolve(id, Symbols.ComponentIds, "component_ids");

    public string NodeId(DocumentValue id) => Resolve(id, Symbols.NodeIds, "node_ids");

    public string CapabilityName(DocumentValue id) => Resolve(id, Symbols.CapabilityNames, "capability_names");

    public string PackId(DocumentValue id) => Resolve(id, Symbols.PackIds, "pack_ids");

    private static string Resolve(DocumentValue id, ImmutableArray<string> table, string name)
    {
        if (id.IsText)
        {
            return id.Text();
        }

        if (id.Element.ValueKind != JsonValueKind.Number || !id.Element.TryGetUInt64(out var index))
        {
            throw id.Wrong($"an index into {name} or text");
        }

        return index < (ulong)table.Length
            ? table[(int)index]
            : throw new MalformedDocumentException($"invalid symbol index {index} in {name} (at {id.Path}, the table holds {table.Length})");
    }
}
