using Gtc.Artifacts.Bundles;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>What a revision must show before it is pulled or served: a signature that holds, or an environment that does without, and nothing revoked. The digest gate stays whatever it says.</summary>
internal sealed partial class SignatureGate
{
    private const int MaxLockBytes = 1 << 20;

    private readonly EnvironmentFiles _files;
    private readonly EnvironmentDocument _document;
    private readonly RevisionTrust _trust;
    private readonly RevocationList _revoked;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<RevisionId, Refusal?> _verdicts = [];

    private SignatureGate(EnvironmentFiles files, EnvironmentDocument document, RevisionTrust trust, RevocationList revoked, TimeProvider time, ILogger logger)
    {
        _files = files;
        _document = document;
        _trust = trust;
        _revoked = revoked;
        _time = time;
        _logger = logger;
    }

    /// <summary>What was taken back; asked again when packs are loaded, since a declared bundle's packs are known only then.</summary>
    public RevocationList Revoked => _revoked;

    /// <summary>Reads what is to be believed, and what no longer is. A trust root or a revocation list that cannot be read opens nothing.</summary>
    public static Outcome<SignatureGate> Open(EnvironmentFiles files, EnvironmentDocument document, WorkerOptions options, ILogger logger) =>
        RevisionTrust.Load(files, options.Variable).Then(trust => RevocationList.Load(files, document).Then<SignatureGate>(
            revoked => new SignatureGate(files, document, trust, revoked, options.Time, logger)));

    /// <summary>Looks at every revision of a configuration.</summary>
    /// <returns>Why the first that may not be served may not, or null.</returns>
    public Refusal? Refuse(RuntimeConfig config)
    {
        foreach (var block in config.Revisions)
        {
            if (Refuse(block.RevisionId) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Looks at one revision.</summary>
    /// <returns>Why it may not be served, or null.</returns>
    public Refusal? Refuse(RevisionId id)
    {
        if (!_verdicts.TryGetValue(id, out var verdict))
        {
            _verdicts[id] = verdict = Judge(id);
        }

        return verdict;
    }

    private Refusal? Judge(RevisionId id)
    {
        if (_document.Revisions.FirstOrDefault(revision => revision.RevisionId == id) is not { } revision)
        {
            // A configuration that is older than the document; without a record there is nothing to verify it by.
            return SignedMembers.AllowsUnsigned(_document) && _trust.Fingerprints.IsEmpty && _revoked.IsEmpty
                ? null
                : new Refusal.TrustRootFailed($"revision {id} is live here, but environment `{_document.EnvironmentId}` has no record of it, so neither its signature nor its revocation can be verified");
        }

        if (!RevisionSigner.Verify(_files, _document, revision, _trust, _time.GetUtcNow()).TryGet(out var verdict, out var unreadable))
        {
            return unreadable;
        }

        if ((RevisionSignatures.Refuse(_document, revision, verdict, _trust) ?? _revoked.Refuse(revision, verdict)) is { } refusal)
        {
            return refusal;
        }

        if (verdict is not SignatureVerdict.Verified verified)
        {
            Log.NotSigned(_logger, revision.RevisionId, _document.EnvironmentId);
            return null;
        }

        Log.Verified(_logger, revision.RevisionId, string.Join(", ", verified.KeyIds));
        return RefusePacks(revision);
    }

    /// <summary>Packs are compared with the lock file when they are loaded; this compares a lock file on disk with what was signed.</summary>
    private Refusal.DigestMismatch? RefusePacks(Revision revision)
    {
        if (revision.PackList.IsEmpty || !RuntimeConfigRules.IsContained(revision.PackListLockRef))
        {
            return null;
        }

        var file = new FileInfo(_files.Layout.Resolve(revision.PackListLockRef));
        if (!file.Exists || file.Length > MaxLockBytes || !PackListLock.Read(File.ReadAllBytes(file.FullName)).TryGet(out var pins, out _))
        {
            // Absent: it is written from the verified bundle. Broken: activation says so.
            return null;
        }

        var signed = revision.PackList.Select(pack => (pack.PackId, pack.Digest)).Order();
        return pins.Packs.Select(pack => (pack.PackId, Digest: pack.Digest.ToString())).Order().SequenceEqual(signed)
            ? null
            : new Refusal.DigestMismatch($"{revision.PackListLockRef} does not pin the packs that were signed; refusing to serve revision {revision.RevisionId}")
            {
                Next = revision.BundleSourceUri is null ? "gtc op revisions stage" : $"rm -r {_files.Layout.Revision(revision.RevisionId)}   so that it is pulled again",
            };
    }

    private static partial class Log
    {
        [LoggerMessage(4409, LogLevel.Information, "Revision {Revision} is signed by trusted key {Keys}")]
        public static partial void Verified(ILogger logger, RevisionId revision, string keys);

        [LoggerMessage(4410, LogLevel.Warning, "Revision {Revision} is not signed; environment {Environment} allows that")]
        public static partial void NotSigned(ILogger logger, RevisionId revision, EnvId environment);
    }
}
