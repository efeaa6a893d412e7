using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>Reads <c>manifest.cbor</c>: <c>pack-v1</c> first, the legacy form second; when neither fits, the first refusal is reported.</summary>
public static class PackManifestReader
{
    private const string Member = "manifest.cbor";

    /// <summary>Reads a manifest.</summary>
    /// <param name="cbor">The bytes of <c>manifest.cbor</c>; at most <see cref="CborDocument.MaxBytes"/>.</param>
    /// <param name="readFlowBody">Reads another member of the pack; legacy manifests keep flow bodies in files of their own.</param>
    /// <returns>The manifest, or <see cref="Refusal.MalformedArtifact"/> that says where and why.</returns>
    public static Outcome<PackManifest> Read(ReadOnlyMemory<byte> cbor, Func<string, Outcome<byte[]>> readFlowBody)
    {
        ArgumentNullException.ThrowIfNull(readFlowBody);
        if (!CborDocument.Read(cbor, Member).TryGet(out var document, out var unreadable))
        {
            return unreadable;
        }

        var first = MalformedDocumentException.Guard(Member, () => PackV1(new(document)));
        if (first.IsOk)
        {
            return first;
        }

        var isLegacy = document.ValueKind == JsonValueKind.Object && document.TryGetProperty("meta", out _);
        if (!isLegacy)
        {
            return first;
        }

        var second = MalformedDocumentException.Guard(Member, () => LegacyManifest.Read(new(document), readFlowBody));
        return second.IsOk ? second : first.Refusal! with { Details = [new("as a legacy manifest", second.Refusal!.Message)] };
    }

    private static PackManifest PackV1(DocumentValue manifest)
    {
        if (manifest.Text("schema_version") is not "pack-v1")
        {
            throw manifest.Required("schema_version").Wrong("pack-v1");
        }

        var symbols = SymbolTables.Read(manifest.Optional("symbols"));
        var extensions = Extensions(manifest.Optional("extensions"));
        return new PackManifest
        {
            PackId = symbols.PackId(manifest.Required("pack_id")),
            Name = manifest.OptionalText("name"),
            Version = manifest.Text("version"),
            Kind = manifest.Text("kind"),
            Publisher = manifest.Text("publisher"),
            Symbols = symbols.Symbols,
            Components = manifest.List("components", component => Component(component, symbols)),
            Flows = manifest.List("flows", flow => FlowReader.Entry(flow, symbols)),
            Dependencies = manifest.List("dependencies", dependency => Dependency(dependency, symbols)),
            Capabilities = manifest.List("capabilities", capability =>
                new PackCapability(symbols.CapabilityName(capability.Required("name")), capability.OptionalText("description"))),
            SecretRequirements = manifest.List("secret_requirements", secret =>
                new SecretRequirement(secret.Text("key"), secret.Flag("required"), secret.OptionalText("description"))),
            Extensions = extensions,
            Providers = Providers(extensions),
        };
    }

    private static PackComponent Component(DocumentValue component, SymbolTables symbols) => new(
        symbols.ComponentId(component.Required("id")),
        component.Text("version"),
        component.OptionalText("world"),
        component.List("operations", operation => operation.IsText ? operation.Text() : operation.Text("name")),
        component.Element);

    private static PackDependency Dependency(DocumentValue dependency, SymbolTables symbols) => new(
        dependency.Text("alias"),
        symbols.PackId(dependency.Required("pack_id")),
        dependency.Text("version_req"),
        dependency.List("required_capabilities", symbols.CapabilityName));

    private static ImmutableSortedDictionary<string, PackExtension> Extensions(DocumentValue? extensions)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, PackExtension>(StringComparer.Ordinal);
        foreach (var (id, extension) in extensions?.Members() ?? [])
        {
            read[id] = new PackExtension(extension.Text("kind"), extension.Text("version"), extension.Optional("inline")?.Element);
        }

        return read.ToImmutable();
    }

    private static ImmutableArray<PackProvider> Providers(ImmutableSortedDictionary<string, PackExtension> extensions) =>
        extensions.TryGetValue("greentic.provider-extension.v1", out var extension) && extension.Inline is { } inline
            ? new DocumentValue(inline, "extensions.greentic.provider-extension.v1.inline").List("providers", Provider)
            : [];

    private static PackProvider Provider(DocumentValue provider)
    {
        var runtime = provider.Optional("runtime");
        return new(provider.Text("provider_type"), provider.Texts("ops"), runtime?.OptionalText("component_ref"), runtime?.OptionalText("export"));
    }
}
