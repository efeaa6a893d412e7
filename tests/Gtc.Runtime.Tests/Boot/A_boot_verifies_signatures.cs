using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Boot;

public sealed class A_boot_verifies_signatures : IDisposable
{
    private readonly WorkerLab _lab = new();

    private LocalTrustRoots Roots => new(_lab.Store, Key);

    private OperatorKeyFile Key => new(_lab.PathTo("operator/key.pem"), RandomNumberGenerator.Fill);

    private string TrustRootFile => Path.Combine(_lab.Environment, "trust-root.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_signed_revision_boots_from_the_document_alone()
    {
        var (document, keyId) = await SignedAsync();
        ShouldStrip();
        Save(document);
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Logs.Lines.ShouldContain(line => line.Text.Contains("is signed by trusted key " + keyId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_pack_list_is_refused_before_anything_is_pulled()
    {
        var (document, _) = await SignedAsync();
        ShouldStrip();
        var revision = document.Revisions[0];
        Save(document with { Revisions = [revision with { PackList = [new PackListEntry { PackId = "evil", Version = "0.0.0", Digest = "sha256:" + new string('0', 64) }] }] });
        var refusal = (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
        refusal.Message.ShouldContain("evil");
        ShouldHoldNothing();
    }

    [Fact]
    public async Task A_signature_by_another_key_is_refused()
    {
        var (document, _) = await SignedAsync();
        ShouldStrip();
        using var thief = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
        Save(Resigned(document, thief));
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>().Details.ShouldContain(new RefusalDetail("rule", "NoTrustedKey"));
        ShouldHoldNothing();
    }

    [Fact]
    public async Task A_missing_signature_is_refused_unless_the_environment_allows_it()
    {
        var (document, _) = await SignedAsync();
        ShouldStrip();
        var bare = document with { Revisions = [document.Revisions[0] with { UnknownMembers = null }] };
        Save(SignedMembers.WithAllowUnsigned(bare, false));
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>().Details.ShouldContain(new RefusalDetail("rule", "Unsigned"));
        ShouldHoldNothing();

        Save(bare);
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Warning && line.Text.Contains("is not signed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pinned_fingerprint_beats_the_embedded_keys()
    {
        var (document, keyId) = await SignedAsync();
        ShouldStrip();
        using var thief = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
        var forged = Resigned(document, thief);
        var keys = JsonDocument.Parse(TrustRoot.Empty.Add(TrustedKey.Of(thief.PublicKey)).Value.ToFile()).RootElement.GetProperty("keys");
        Save(forged with { UnknownMembers = new() { ["trusted_keys"] = keys } });
        _lab.Variables["GREENTIC_TRUST_ROOT_FINGERPRINT"] = keyId;
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>().Details.ShouldContain(new RefusalDetail("rule", "NoTrustedKey"));
        ShouldHoldNothing();

        _lab.Variables["GREENTIC_TRUST_ROOT_FINGERPRINT"] = "nonsense";
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        _lab.Variables["GREENTIC_TRUST_ROOT_FINGERPRINT"] = keyId.ToUpperInvariant();
        Save(document);
        await using var worker = (await _lab.BootAsync()).Value;
    }

    [Fact]
    public async Task A_removed_key_stops_the_next_boot_although_everything_is_on_disk()
    {
        var (_, keyId) = await SignedAsync();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
        }

        await Roots.RemoveAsync(EnvId.Local, keyId, null, Token);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
    }

    [Fact]
    public async Task Packs_on_disk_that_were_not_signed_are_refused_although_their_lock_file_agrees()
    {
        await SignedAsync();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
        }

        var id = _lab.Document.Revisions[0].RevisionId;
        var lockPath = Path.Combine(_lab.RevisionFolder(id), PackListLock.FileName);
        var pins = PackListLock.Read(await File.ReadAllBytesAsync(lockPath, Token)).Value;
        await SignAsync(revision => revision with
        {
            PackList = [.. pins.Packs.Select(pack => new PackListEntry { PackId = pack.PackId, Version = "0.0.0", Digest = pack.Digest.ToString() })],
        });
        await using (var worker = (await _lab.BootAsync()).Value)
        {
        }

        var pack = Path.Combine(_lab.Environment, pins.Packs[0].Path);
        await File.AppendAllTextAsync(pack, "more", Token);
        var digest = ContentDigest.OfFile(pack, Token).Value;
        await File.WriteAllBytesAsync(lockPath, (pins with { Packs = pins.Packs.SetItem(0, pins.Packs[0] with { Digest = digest }) }).Write(), Token);

        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.DigestMismatch>().Message.ShouldContain("packs that were signed");
    }

    [Fact]
    public async Task A_trust_root_that_cannot_be_read_stops_the_boot()
    {
        await SignedAsync();
        await File.WriteAllTextAsync(TrustRootFile, "{", Token);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
    }

    [Fact]
    public async Task An_older_signed_revision_keeps_serving_when_the_new_one_is_not_what_was_signed()
    {
        var (document, _) = await SignedAsync();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
        }

        var older = document.Revisions[0];
        var evil = older with { RevisionId = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])), Sequence = 2, PackListLockRef = $"revisions/{Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])}/pack-list.lock" };
        Save(document with
        {
            // As a ConfigMap has it: without a journal's generation the file speaks for itself.
            EnvGeneration = null,
            Revisions = [older, evil],
            Bundles = [document.Bundles[0] with { CurrentRevisions = [older.RevisionId, evil.RevisionId] }],
            TrafficSplits = [document.TrafficSplits[0] with { Entries = [new TrafficShare { RevisionId = evil.RevisionId, WeightBps = 10_000 }] }],
        });
        await using var second = (await _lab.BootAsync()).Value;
        Directory.Exists(_lab.RevisionFolder(evil.RevisionId)).ShouldBeFalse("nothing of it was pulled");
        _lab.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.Contains("keep serving", StringComparison.Ordinal) && line.Text.Contains("revision_id", StringComparison.Ordinal));
    }

    /// <summary>Stages, signs and routes one revision with the real verbs and files.</summary>
    private async Task<(EnvironmentDocument Document, string KeyId)> SignedAsync()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        await _lab.RouteOneAsync(bundle);
        var seed = (await Roots.BootstrapAsync(EnvId.Local, Token)).Value;
        return (await SignAsync(revision => revision), seed.OperatorKeyId);
    }

    private async Task<EnvironmentDocument> SignAsync(Func<Revision, Revision> change)
    {
        var signed = (await _lab.Store.MutateAsync<SignedStage>(
            new MutationIntent(EnvId.Local, "revisions", "stage", []),
            context =>
            {
                var revision = change(context.Current!.Revisions[0]);
                return new RevisionSigner(Key).Sign(context, context.Current with { Revisions = [revision] }, revision)
                    .Then<Mutation<SignedStage>>(stage => new Mutation<SignedStage>(stage) { Document = stage.Document });
            },
            Token)).Value;
        signed.Warning.ShouldBeNull();
        return signed.Document;
    }

    private static EnvironmentDocument Resigned(EnvironmentDocument document, PrivateKey key)
    {
        var revision = document.Revisions[0];
        var envelope = RevisionSignatures.Sign(revision, key, DateTimeOffset.UnixEpoch).ToCompactBytes();
        var members = new Dictionary<string, JsonElement>(revision.UnknownMembers!) { ["signature"] = JsonDocument.Parse(envelope).RootElement };
        return document with { Revisions = [revision with { UnknownMembers = members }] };
    }

    /// <summary>Leaves what a fresh pod gets: nothing but what <see cref="Save"/> writes.</summary>
    private void ShouldStrip()
    {
        Directory.Delete(_lab.Environment, recursive: true);
        Directory.CreateDirectory(_lab.Environment);
    }

    private void Save(EnvironmentDocument document) => File.WriteAllBytes(Path.Combine(_lab.Environment, "environment.json"), Documents.Environment.ToFile(document));

    private void ShouldHoldNothing()
    {
        File.Exists(_lab.RuntimeConfig).ShouldBeFalse();
        Directory.Exists(Path.Combine(_lab.Environment, "revisions")).ShouldBeFalse();
    }
}
