using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary><c>pack-list.lock</c>: the packs a revision is made of, pinned (environment-model.md §2.7).</summary>
/// <param name="RevisionId">The revision the list belongs to.</param>
/// <param name="Packs">The packs sorted by path; <see cref="PinnedPack.Path"/> is relative to the environment's folder here.</param>
public sealed record PackListLock(string RevisionId, ImmutableArray<PinnedPack> Packs)
{
    /// <summary>The document's schema.</summary>
    public const string Schema = "greentic.pack-list-lock.v1";

    /// <summary>The file's name beside a revision's bundle.</summary>
    public const string FileName = "pack-list.lock";

    private const int MaxBytes = 1 << 20;

    /// <summary>Makes the list from what a scan found.</summary>
    /// <param name="revisionId">The revision.</param>
    /// <param name="bundleFolder">The unpacked bundle relative to the environment's folder, e.g. <c>revisions/01J…/bundle</c>.</param>
    /// <param name="packs">What <see cref="PackScan"/> found.</param>
    public static PackListLock Create(string revisionId, string bundleFolder, ImmutableArray<PinnedPack> packs) => new(
        revisionId,
        [.. packs.Select(pack => pack with { Path = $"{bundleFolder}/{pack.Path}" }).OrderBy(pack => pack.Path, StringComparer.Ordinal)]);

    /// <summary>Reads the document.</summary>
    /// <returns>The list; <see cref="Refusal.MalformedArtifact"/> when it is not sound, names a pack twice, or a path leaves the environment.</returns>
    public static Outcome<PackListLock> Read(ReadOnlySpan<byte> json) =>
        BoundedJson.Parse(json, FileName, MaxBytes).Then(document => MalformedDocumentException.Guard(FileName, () =>
        {
            var root = new DocumentValue(document);
            if (root.Text("schema") != Schema)
            {
                throw root.Required("schema").Wrong(Schema);
            }

            var packs = root.Required("packs").List(Pack);
            return packs.DistinctBy(pack => pack.PackId).Count() == packs.Length
                ? new PackListLock(root.Text("revision_id"), packs)
                : throw new MalformedDocumentException("packs names a pack id twice");
        }));

    /// <summary>Writes the document: two spaces, LF, a final line end, members in the specification's order.</summary>
    public byte[] Write() => DocumentText.Write(json =>
    {
        json.WriteString("schema", Schema);
        json.WriteString("revision_id", RevisionId);
        json.WriteStartArray("packs");
        foreach (var pack in Packs)
        {
            json.WriteStartObject();
            json.WriteString("pack_id", pack.PackId);
            json.WriteString("path", pack.Path);
            json.WriteString("digest", pack.Digest.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static PinnedPack Pack(DocumentValue pack)
    {
        var path = pack.Text("path");
        if (Artifacts.Packs.MemberName.Problem(path) is { } problem)
        {
            throw new MalformedDocumentException($"{pack.Path}.path {problem}");
        }

        return Sha256Digest.TryParse(pack.Text("digest"), out var digest)
            ? new(pack.Text("pack_id"), path, digest)
            : throw pack.Required("digest").Wrong("sha256: and 64 hex digits");
    }
}
