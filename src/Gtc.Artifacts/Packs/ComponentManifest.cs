using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>What a component says about itself in <c>components/&lt;id&gt;.manifest.cbor</c>, as far as people are shown it (bundle-format.md §3.7).</summary>
public sealed record ComponentManifest(string Id, string? World, string Version, ImmutableArray<string> Operations)
{
    /// <summary>Reads the document; ids are always literal text here.</summary>
    public static Outcome<ComponentManifest> Read(ReadOnlyMemory<byte> cbor) =>
        CborDocument.Read(cbor, "component manifest").Then(document => MalformedDocumentException.Guard("component manifest", () =>
        {
            var root = new DocumentValue(document);
            return new ComponentManifest(
                root.Text("id"),
                root.OptionalText("world"),
                root.Text("version"),
                root.List("operations", operation => operation.IsText ? operation.Text() : operation.Text("name")));
        }));
}
