using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary><c>pack.lock.cbor</c>: where components came from (bundle-format.md §3.6). Its digests may differ from what is packed; they are never enforced.</summary>
/// <param name="Version">The format's version, 1.</param>
/// <param name="Components">Locked components by id; may be empty.</param>
public sealed record PackLock(int Version, ImmutableSortedDictionary<string, LockedComponent> Components)
{
    /// <summary>The member's name.</summary>
    public const string Member = "pack.lock.cbor";

    /// <summary>Reads the document.</summary>
    public static Outcome<PackLock> Read(ReadOnlyMemory<byte> cbor) =>
        CborDocument.Read(cbor, Member).Then(document => MalformedDocumentException.Guard(Member, () =>
        {
            var root = new DocumentValue(document);
            var components = ImmutableSortedDictionary.CreateBuilder<string, LockedComponent>(StringComparer.Ordinal);
            foreach (var (id, component) in root.Optional("components")?.Members() ?? [])
            {
                components[id] = new(component.OptionalText("ref"), component.OptionalText("resolved_digest"), component.OptionalText("component_version"));
            }

            return new PackLock(root.Required("version").Count(), components.ToImmutable());
        }));
}

/// <summary>One locked component.</summary>
/// <param name="Reference">Where it came from, or null.</param>
/// <param name="ResolvedDigest">The digest found at build time, or null.</param>
/// <param name="ComponentVersion">The version that the module itself reported, or null.</param>
public sealed record LockedComponent(string? Reference, string? ResolvedDigest, string? ComponentVersion);
