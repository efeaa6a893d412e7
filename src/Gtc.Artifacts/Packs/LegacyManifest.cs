using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>The older manifest (bundle-format.md §3.8): <c>meta</c>, and flow bodies as JSON members of the pack.</summary>
internal static class LegacyManifest
{
    public static PackManifest Read(DocumentValue manifest, Func<string, Outcome<byte[]>> readFlowBody)
    {
        var meta = manifest.Required("meta");
        var entries = meta.Texts("entry_flows");
        var authors = meta.Texts("authors");
        return new PackManifest
        {
            Form = PackManifestForm.Legacy,
            PackId = meta.Text("pack_id"),
            Version = meta.Text("version"),
            Name = meta.OptionalText("name"),
            Kind = "application",
            Publisher = authors.IsEmpty ? string.Empty : authors[0],
            Flows = manifest.List("flows", flow => Flow(flow, readFlowBody) is var body && entries.Contains(body.Id)
                ? body with { EntryNames = ["default"] }
                : body),
            Components = manifest.List("components", component => new PackComponent(
                component.Text("name"), component.Text("version"), component.OptionalText("world"), [], component.Element)),
        };
    }

    private static PackFlow Flow(DocumentValue entry, Func<string, Outcome<byte[]>> readFlowBody)
    {
        var member = entry.Text("file_json");
        if (!readFlowBody(member).TryGet(out var bytes, out var refusal)
            || !BoundedJson.Parse(bytes, member, CborDocument.MaxBytes).TryGet(out var body, out refusal))
        {
            throw new MalformedDocumentException($"flow {entry.Text("id")} cannot be loaded: {refusal.Message}");
        }

        return FlowReader.Body(new(body, member), SymbolTables.None) with { Id = entry.Text("id") };
    }
}
