using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary><c>resolved/&lt;tenant&gt;[.&lt;team&gt;].yaml</c>: the policy of a tenant or a team as it was when the bundle was built (bundle-format.md §2.4).</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Team">The team, or null.</param>
/// <param name="DefaultPolicy"><c>public</c> or <c>forbidden</c>, or null; recorded, not enforced.</param>
/// <param name="AppPacks">The policy of each application pack.</param>
public sealed record ResolvedPolicy(string Tenant, string? Team, string? DefaultPolicy, ImmutableArray<AppPackPolicy> AppPacks)
{
    /// <summary>Reads a resolved file.</summary>
    /// <param name="yaml">The file's bytes.</param>
    /// <param name="what">Its name, for the refusal.</param>
    /// <returns>The policy; null when the file holds nothing but comments, which is the same as no file.</returns>
    public static Outcome<ResolvedPolicy?> Read(ReadOnlyMemory<byte> yaml, string what) =>
        YamlDocument.Parse(yaml, what).Then(document => document.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? (ResolvedPolicy?)null
            : MalformedDocumentException.Guard<ResolvedPolicy?>(what, () => Read(new DocumentValue(document))));

    private static ResolvedPolicy Read(DocumentValue root) => new(
        root.Text("tenant"),
        root.OptionalText("team"),
        root.Optional("policy")?.OptionalText("default"),
        root.List("app_packs", pack => new AppPackPolicy(pack.Text("reference"), pack.Text("policy"))));
}
