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

    /// <summary>Checks every environment and every artifact.</summary>
    public async Task<Outcome<ScrubReport>> RunAsync(CancellationToken cancellationToken)
    {
        if (!(await storage.ListAsync(cancellationToken)).TryGet(out var environments, out var refusal))
        {
            return refusal;
        }

        foreach (var environment in environments)
        {
            _environments++;
            await DocumentsAsync(environment, cancellationToken);
            await SidesAsync(environment, cancellationToken);
            await AuditAsync(environment, cancellationToken);
            await TakeAsync(environment, cancellationToken);
        }

        return await ArtifactsAsync(cancellationToken) is { } unread ? unread
            : _unreachable is { } gone ? gone
            : new ScrubReport(_environments, _documents, _sides, _lines, _policies, _artifacts, _problems.ToImmutable());
    }

    private void Note(EnvId environment, string row, Refusal why)
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

    private void Note(EnvId environment, string row, string why) => _found.Add(new StoreProblem(environment.ToString(), row, why));

    /// <summary>What ended while it was read was not damaged.</summary>
    private async Task TakeAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (_found.Count > 0 && (await storage.ReadSideAsync(environment, SideName.TrustRoot, cancellationToken)).Refusal is not Refusal.Missing)
        {
            _problems.AddRange(_found);
        }

        _found.Clear();
    }

    /// <summary>The newest document, and those of all generations that are kept.</summary>
    private async Task DocumentsAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if ((await storage.ReadAsync(environment, null, cancellationToken)).Refusal is { } unread)
        {
            Note(environment, "document", unread);
        }

        for (ulong? before = null; ;)
        {
            if (!(await storage.HistoryAsync(environment, Page, before, cancellationToken)).TryGet(out var history, out var refusal))
            {
                Note(environment, "history", refusal);
                return;
            }

            foreach (var entry in history)
            {
                // One that is gone by now was more than is kept.
                _documents++;
                if ((await storage.ReadAsync(environment, entry.Generation, cancellationToken)).Refusal is { } broken and not Refusal.Missing)
                {
                    Note(environment, string.Create(CultureInfo.InvariantCulture, $"generation {entry.Generation}"), broken);
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

    private async Task SidesAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (!(await storage.ListSidesAsync(environment, string.Empty, cancellationToken)).TryGet(out var names, out var refusal))
        {
            Note(environment, "what lies beside the document", refusal);
            return;
        }

        var trusted = await TrustedAsync(environment, cancellationToken);
        foreach (var name in names)
        {
            _sides++;
            await Rest(cancellationToken);
            if (!(await storage.ReadSideAsync(environment, name, cancellationToken)).TryGet(out var side, out refusal))
            {
                Note(environment, name.ToString(), refusal);
            }
            else if (side is not null && name.ToString().StartsWith("billing-policies/", StringComparison.Ordinal) && name.ToString().EndsWith(".sig", StringComparison.Ordinal))
            {
                await PolicyAsync(environment, name, side, trusted, cancellationToken);
            }
        }

        await BackupsAsync(environment, cancellationToken);
    }

    private async Task<ImmutableArray<TrustedKey>> TrustedAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if ((await storage.ReadTrustRootAsync(environment, cancellationToken)).TryGet(out var root, out var refusal))
        {
            return [.. root?.Keys ?? [], .. own is null ? [] : new[] { own }];
        }

        Note(environment, SideName.TrustRoot.ToString(), refusal);
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
            Note(environment, "backups", refusal);
            return;
        }

        foreach (var manifest in backups)
        {
            await Rest(cancellationToken);
            if ((await KeptBackups.ReadAsync(storage, environment, manifest, cancellationToken)).Refusal is { } broken)
            {
                Note(environment, $"backup {manifest.BackupId}", broken);
            }
        }
    }

    private async Task AuditAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (!(await storage.CaptureAsync(environment, cancellationToken)).TryGet(out var image, out var refusal))
        {
            Note(environment, "audit log", refusal);
            return;
        }

        string? pruned = null;
        if (image.Sides.TryGetValue(SideName.Of(AuditCheckpoint.Name), out var bytes))
        {
            var trusted = await TrustedAsync(environment, cancellationToken);
            if (AuditCheckpoint.Verify(bytes.Span, environment, trusted).TryGet(out var checkpoint, out refusal))
            {
                pruned = checkpoint.PrunedThrough;
            }
            else
            {
                Note(environment, AuditCheckpoint.Name, refusal.Message);
            }
        }

        _lines += image.Audit.Length;
        if (new ExportedAudit(image.Audit, null).Verify(new AuditEnds { Pruned = pruned }, cancellationToken).Broken is { } broken)
        {
            Note(environment, string.Create(CultureInfo.InvariantCulture, $"audit line {broken.Line}"), broken.Reason);
        }
    }

    private async Task<Refusal?> ArtifactsAsync(CancellationToken cancellationToken)
    {
        for (Sha256Digest? after = null; ;)
        {
            if (!(await storage.Artifacts.ListAsync(after, Page, cancellationToken)).TryGet(out var page, out var refusal))
            {
                return refusal;
            }

            foreach (var artifact in page)
            {
                _artifacts++;
                if (await WhyDamagedAsync(artifact.Digest, cancellationToken) is { } why
                    && (await storage.Artifacts.FindAsync(artifact.Digest, cancellationToken)).Match(size => size is not null, _ => false))
                {
                    _problems.Add(new StoreProblem(null, $"artifact {artifact.Digest}", why));
                }
            }

            if (page.Length < Page)
            {
                return null;
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

/// <summary>What a scrub read, and what it found damaged.</summary>
/// <param name="Environments">How many environments.</param>
/// <param name="Documents">How many of their generations.</param>
/// <param name="Sides">How many documents beside theirs.</param>
/// <param name="AuditLines">How many audit lines.</param>
/// <param name="Policies">How many signed policies.</param>
/// <param name="Artifacts">How many artifacts.</param>
/// <param name="Problems">What is damaged; nothing when all is as it was written.</param>
public sealed record ScrubReport(int Environments, long Documents, long Sides, long AuditLines, long Policies, long Artifacts, ImmutableArray<StoreProblem> Problems)
{
    /// <summary>How much was read.</summary>
    public long Rows => Documents + Sides + AuditLines + Policies + Artifacts;
}

/// <summary>Something that is not as it was written.</summary>
/// <param name="EnvironmentId">The environment; null for what belongs to none.</param>
/// <param name="Row">Which part of it.</param>
/// <param name="Why">What is wrong.</param>
public sealed record StoreProblem(string? EnvironmentId, string Row, string Why);
