using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>Reads everything that a store keeps and checks it against what was kept with it: damage at rest is found before somebody needs what is damaged.</summary>
/// <param name="storage">The store.</param>
/// <param name="own">The operator's key, whose checkpoints are believed besides those of trusted keys; null without one.</param>
public sealed class StoreScrub(IEnvironmentStorage storage, TrustedKey? own)
{
    private const int Page = 500;
    private const int BlockBytes = 1 << 20;

    private readonly ImmutableArray<StoreProblem>.Builder _problems = ImmutableArray.CreateBuilder<StoreProblem>();
    private readonly List<StoreProblem> _found = [];
    private int _environments;
    private long _documents;
    private long _sides;
    private long _lines;
    private long _policies;
    private long _artifacts;
    private StorageUnreachable? _unreachable;

    /// <summary>Waited for after each piece of work, for whoever has more to do than to look for damage.</summary>
    public Func<CancellationToken, Task> Rest { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Checks every environment, every final backup and every artifact.</summary>
    public async Task<Outcome<ScrubReport>> RunAsync(CancellationToken cancellationToken)
    {
        if ((await storage.ListAllAsync(cancellationToken)).TryGet(out var environments, out var refusal))
        {
            foreach (var environment in environments)
            {
                await EnvironmentAsync(environment, cancellationToken);
            }
        }
        else
        {
            Note(null, "environments", refusal);
        }

        await EndedAsync(cancellationToken);
        await ArtifactsAsync(cancellationToken);
        _problems.AddRange(_found);
        return _unreachable is { } gone ? gone : new ScrubReport(_environments, _documents, _sides, _lines, _policies, _artifacts, _problems.ToImmutable());
    }

    private async Task EnvironmentAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if ((await storage.ReadAsync(environment, null, cancellationToken)).Refusal is { } unread)
        {
            if (unread is Refusal.Missing)
            {
                return;
            }

            Note(environment, "document", unread);
        }

        _environments++;
        await HistoryAsync(environment, cancellationToken);
        var trusted = await TrustedAsync(environment, cancellationToken);
        await SidesAsync(environment, trusted, cancellationToken);
        await BackupsAsync(environment, cancellationToken);
        await AuditAsync(environment, trusted, cancellationToken);
        await TakeAsync(environment, cancellationToken);
    }

    private void Note(EnvId? environment, string row, Refusal why)
    {
        // What could not be asked is not damaged.
        if (why is StorageUnreachable gone)
        {
            _unreachable = gone;
        }
        else
        {
            Note(environment, row, Problem.Text(why));
        }
    }

    private void Note(EnvId? environment, string row, string why) => _found.Add(new StoreProblem(environment?.ToString(), row, why));

    /// <summary>What ended while it was read was not damaged.</summary>
    private async Task TakeAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (_found.Count > 0 && (await storage.ReadAsync(environment, null, cancellationToken)).Refusal is not Refusal.Missing)
        {
            _problems.AddRange(_found);
        }

        _found.Clear();
    }

    /// <summary>The documents of all generations that are kept.</summary>
    private async Task HistoryAsync(EnvId environment, CancellationToken cancellationToken)
    {
        for (ulong? before = null; ;)
        {
            if (!(await storage.HistoryAsync(environment, Page, before, cancellationToken)).TryGet(out var history, out var refusal))
            {
                NoteUnlessGone(environment, "history", refusal);
                return;
            }

            foreach (var entry in history)
            {
                // One that is gone by now was more than is kept.
                _documents++;
                if ((await storage.ReadAsync(environment, entry.Generation, cancellationToken)).Refusal is { } broken)
                {
                    NoteUnlessGone(environment, string.Create(CultureInfo.InvariantCulture, $"generation {entry.Generation}"), broken);
                }

                await Rest(cancellationToken);
            }

            if (history.Length < Page)
            {
                return;
            }

            before = history[^1].Generation;
        }
    }

    /// <summary>An environment that cannot be read is missing to some who are asked about it; that it cannot is noted already.</summary>
    private void NoteUnlessGone(EnvId environment, string row, Refusal why)
    {
        if (why is not Refusal.Missing)
        {
            Note(environment, row, why);
        }
    }

    private async Task SidesAsync(EnvId environment, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        if (!(await storage.ListSidesAsync(environment, string.Empty, cancellationToken)).TryGet(out var names, out var refusal))
        {
            NoteUnlessGone(environment, "what lies beside the document", refusal);
            return;
        }

        foreach (var name in names)
        {
            _sides++;
            await Rest(cancellationToken);
            if (!(await storage.ReadSideAsync(environment, name, cancellationToken)).TryGet(out var side, out refusal))
            {
                NoteUnlessGone(environment, name.ToString(), refusal);
            }
            else if (side is not null && name.ToString().StartsWith("billing-policies/", StringComparison.Ordinal) && name.ToString().EndsWith(".sig", StringComparison.Ordinal))
            {
                await PolicyAsync(environment, name, side, trusted, cancellationToken);
            }
        }
    }

    private async Task<ImmutableArray<TrustedKey>> TrustedAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if ((await storage.ReadTrustRootAsync(environment, cancellationToken)).TryGet(out var root, out var refusal))
        {
            return [.. root?.Keys ?? [], .. own is null ? [] : new[] { own }];
        }

        NoteUnlessGone(environment, SideName.TrustRoot.ToString(), refusal);
        return [];
    }

    /// <summary>A policy whose key is not trusted any more is no damage; one that was changed is.</summary>
    private async Task PolicyAsync(EnvId environment, SideName name, SideDocument envelope, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        _policies++;
        var document = (await storage.ReadSideAsync(environment, SideName.Of(name.ToString()[..^".sig".Length]), cancellationToken)).Match(side => side, _ => null);
        var verified = document is null
            ? new SigningError.MalformedStatement("its document is missing")
            : Dsse.VerifyArtifact(envelope.Bytes.Span, Convert.ToHexStringLower(SHA256.HashData(document.Bytes.Span)), trusted).Error;
        if (verified is not (null or SigningError.NoTrustedKey))
        {
            Note(environment, name.ToString(), verified.Message);
        }
    }

    private async Task BackupsAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (!(await KeptBackups.ListAsync(storage, environment, cancellationToken)).TryGet(out var backups, out var refusal))
        {
            NoteUnlessGone(environment, "backups", refusal);
            return;
        }

        foreach (var manifest in backups)
        {
            await Rest(cancellationToken);

            // One that was deleted since they were listed is not damaged.
            if ((await KeptBackups.ReadAsync(storage, environment, manifest, cancellationToken)).Refusal is { } broken
                && (await KeptBackups.ListAsync(storage, environment, cancellationToken)).Match(present => present.Any(one => one.BackupId == manifest.BackupId), why => why is not Refusal.Missing))
            {
                Note(environment, $"backup {manifest.BackupId}", broken);
            }
        }
    }

    private async Task AuditAsync(EnvId environment, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        if (!(await AuditScrub.VerifyAsync(storage, environment, trusted, Rest, cancellationToken)).TryGet(out var verdict, out var refusal))
        {
            NoteUnlessGone(environment, "audit log", refusal);
            return;
        }

        _lines += verdict.Lines;
        if (verdict.Broken is { } broken)
        {
            Note(environment, string.Create(CultureInfo.InvariantCulture, $"audit line {broken.Line}"), broken.Reason);
        }
    }

    private async Task EndedAsync(CancellationToken cancellationToken)
    {
        if (!(await storage.ListEndedAsync(null, cancellationToken)).TryGet(out var ended, out var refusal))
        {
            Note(null, "final backups", refusal);
            return;
        }

        foreach (var manifest in ended)
        {
            _sides++;
            await Rest(cancellationToken);
            if (((await storage.ReadEndedAsync(manifest.BackupId, cancellationToken)).Refusal ?? (await storage.ReadEndedArtifactsAsync(manifest.BackupId, cancellationToken)).Refusal) is { } broken
                && (await storage.ListEndedAsync(null, cancellationToken)).Match(present => present.Any(one => one.BackupId == manifest.BackupId), _ => true))
            {
                Note(EnvId.TryParse(manifest.EnvId, out var environment) ? environment : null, $"final backup {manifest.BackupId}", broken);
            }
        }
    }

    private async Task ArtifactsAsync(CancellationToken cancellationToken)
    {
        for (Sha256Digest? after = null; ;)
        {
            if (!(await storage.Artifacts.ListAsync(after, Page, cancellationToken)).TryGet(out var page, out var refusal))
            {
                Note(null, "artifacts", refusal);
                return;
            }

            foreach (var artifact in page)
            {
                _artifacts++;

                // One that was removed meanwhile is not damaged, nor one that could not be read to its end just now.
                if (await WhyDamagedAsync(artifact.Digest, cancellationToken) is not null
                    && (await storage.Artifacts.FindAsync(artifact.Digest, cancellationToken)).Match(size => size is not null, static failed => failed is not StorageUnreachable)
                    && await WhyDamagedAsync(artifact.Digest, cancellationToken) is { } why)
                {
                    Note(null, $"artifact {artifact.Digest}", why);
                }
            }

            if (page.Length < Page)
            {
                return;
            }

            after = page[^1].Digest;
        }
    }

    private async Task<string?> WhyDamagedAsync(Sha256Digest artifact, CancellationToken cancellationToken)
    {
        if (!(await storage.Artifacts.OpenAsync(artifact, 0, cancellationToken)).TryGet(out var bytes, out var refusal))
        {
            return Problem.Text(refusal);
        }

        await using (bytes)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var block = new byte[BlockBytes];
            try
            {
                while (await bytes.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and var read)
                {
                    hash.AppendData(block, 0, read);
                    await Rest(cancellationToken);
                }
            }
            catch (IOException error)
            {
                return error.Message;
            }

            var actual = Sha256Digest.FromBytes(hash.GetHashAndReset());
            return actual == artifact ? null : $"its bytes have digest {actual}";
        }
    }
}
