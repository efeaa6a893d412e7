using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Materialisation;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary>A checked <see cref="StagePayload"/>.</summary>
internal sealed record StageRequest
{
    private static readonly string[] Schemes = ["http", "https", "oci", "repo", "store", "file"];

    private StagePayload Payload { get; init; } = new();

    /// <summary>The revision to be.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The deployment as given, or null for the only one.</summary>
    public string? Deployment => Payload.DeploymentId;

    /// <summary>The bundle file, absolute, or null when the bundle is only declared.</summary>
    public required string? BundlePath { get; init; }

    /// <summary>The declared digest, or null.</summary>
    public required string? BundleDigest { get; init; }

    /// <summary>The caller's key, or a fresh one.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Checks a payload.</summary>
    public static Outcome<StageRequest> Of(StagePayload payload, VerbCall call)
    {
        if ((CheckBundle(payload) ?? CheckSource(payload.BundleSourceUri) ?? CheckDeclared(payload)) is { } complaint)
        {
            return complaint;
        }

        var id = new RevisionId(call.NewUlid());
        if (payload.RevisionId is not null && !Model.RevisionId.TryParse(payload.RevisionId, out id))
        {
            return new Refusal.InvalidArgument($"revision_id `{payload.RevisionId}` must be {Model.RevisionId.Expectation}");
        }

        return call.IdempotencyKey(payload.IdempotencyKey).Then(key => (Outcome<StageRequest>)new StageRequest
        {
            Payload = payload,
            RevisionId = id,
            BundlePath = payload.BundlePath is null ? null : call.Context.PathOf(payload.BundlePath),
            BundleDigest = Sha256Digest.TryParse(payload.BundleDigest, out var digest) ? digest.ToString() : null,
            IdempotencyKey = key,
        });
    }

    /// <summary>The command for a bundle that nobody has looked at.</summary>
    public StageRevision Declared(DeploymentId deployment) => Common(deployment) with
    {
        PackList = [.. Payload.PackList.Select(pack => new PackListEntry { PackId = pack.PackId, Version = pack.Version, Digest = pack.Digest, SourceUri = pack.SourceUri })],
        PackListLockRef = Payload.PackListLockRef ?? $"revisions/{RevisionId}/{PackListLock.FileName}",
        ConfigDigest = Payload.ConfigDigest ?? Revision.PlaceholderDigest,
    };

    /// <summary>The command for a bundle that was unpacked here.</summary>
    public StageRevision Computed(DeploymentId deployment, MaterializedRevision found) => RevisionBundle.Pin(Common(deployment), found);

    private StageRevision Common(DeploymentId deployment) => new()
    {
        RevisionId = RevisionId,
        DeploymentId = deployment,
        BundleDigest = BundleDigest ?? Revision.PlaceholderDigest,
        BundleSourceUri = Payload.BundleSourceUri,
        PackListLockRef = "",
        SignatureSidecarRef = Payload.SignatureSidecarRef ?? RevisionSignatures.SidecarRef(RevisionId),
        DrainSeconds = Payload.DrainSeconds ?? StagePayload.DefaultDrainSeconds,
    };

    private static Refusal.InvalidArgument? CheckBundle(StagePayload payload)
    {
        if (payload.BundleDigest is not null && !Sha256Digest.TryParse(payload.BundleDigest, out _))
        {
            return new($"bundle_digest `{payload.BundleDigest}` must be sha256: and 64 hex digits");
        }

        if (payload.BundlePath is not null)
        {
            return null;
        }

        return (payload.BundleSourceUri, payload.BundleDigest) switch
        {
            (null, _) => new("no bundle is named")
            {
                Details = [new("expected", "bundle_path=FILE, or bundle_source_uri=URI together with bundle_digest=sha256:…")],
                Next = "gtc op revisions stage bundle_path=BUNDLE.gtbundle",
            },
            (_, null) => new("a bundle that is declared by its source needs bundle_digest: a worker that pulls it has nothing else to trust")
            {
                Next = $"gtc bundle verify {payload.BundleSourceUri}",
            },
            _ => null,
        };
    }

    private static Refusal.InvalidArgument? CheckSource(string? source)
    {
        if (source is null)
        {
            return null;
        }

        if (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || !Schemes.Contains(uri.Scheme) || !source.Contains("://", StringComparison.Ordinal))
        {
            return new($"bundle_source_uri `{source}` must be a URI with one of the schemes {string.Join(", ", Schemes)}");
        }

        return uri.UserInfo.Length == 0 ? null : new("bundle_source_uri must not carry credentials: environment.json is not a place for secrets");
    }

    private static Refusal.InvalidArgument? CheckDeclared(StagePayload payload)
    {
        if (payload.BundlePath is not null && (!payload.PackList.IsEmpty || payload.PackListLockRef is not null || payload.ConfigDigest is not null))
        {
            return new("pack_list, pack_list_lock_ref and config_digest come from the bundle file; give them only for a bundle that is declared");
        }

        if (payload.PackListLockRef is { } reference && !RuntimeConfigRules.IsContained(reference))
        {
            return new($"pack_list_lock_ref `{reference}` must be a relative path inside the environment's folder");
        }

        if (payload.SignatureSidecarRef is { } sidecar && !RuntimeConfigRules.IsContained(sidecar))
        {
            return new($"signature_sidecar_ref `{sidecar}` must be a relative path inside the environment's folder");
        }

        foreach (var pack in payload.PackList)
        {
            if (!Sha256Digest.TryParse(pack.Digest, out _) || !SemanticVersion.IsValid(pack.Version))
            {
                return new($"pack `{pack.PackId}` of pack_list needs a SemVer version and a digest of sha256: and 64 hex digits");
            }
        }

        return payload.ConfigDigest is null || Sha256Digest.TryParse(payload.ConfigDigest, out _)
            ? null
            : new($"config_digest `{payload.ConfigDigest}` must be sha256: and 64 hex digits");
    }
}
