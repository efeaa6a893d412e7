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

    private readonly ImmutableArray<StoreProblem>.Builder _problems = ImmutableArray.CreateBuilder<StoreProblem>();
    private int _environments;
    private long _sides;
    private long _lines;
    private long _policies;

    /// <summary>Checks every environment.</summary>
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
        }

        return new ScrubReport(_environments, _sides, _lines, _policies, _problems.ToImmutable());
    }

    private void Note(EnvId environment, string row, string why) => _problems.Add(new StoreProblem(environment.ToString(), row, why));

    /// <summary>The newest document, and those of all generations that are kept.</summary>
    private async Task DocumentsAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if ((await storage.ReadAsync(environment, null, cancellationToken)).Refusal is { } unread)
        {
            Note(environment, "document", Text(unread));
        }

        for (ulong? before = null; ;)
        {
            if (!(await storage.HistoryAsync(environment, Page, before, cancellationToken)).TryGet(out var history, out var refusal))
            {
                Note(environment, "history", Text(refusal));
                return;
            }

            foreach (var entry in history)
            {
                if ((await storage.ReadAsync(environment, entry.Generation, cancellationToken)).Refusal is { } broken)
                {
                    Note(environment, string.Create(CultureInfo.InvariantCulture, $"generation {entry.Generation}"), Text(broken));
                }
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
            Note(environment, "what lies beside the document", Text(refusal));
            return;
        }

        var trusted = await TrustedAsync(environment, cancellationToken);
        foreach (var name in names)
        {
            _sides++;
            if (!(await storage.ReadSideAsync(environment, name, cancellationToken)).TryGet(out var side, out refusal))
            {
                Note(environment, name.ToString(), Text(refusal));
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

        Note(environment, SideName.TrustRoot.ToString(), Text(refusal));
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
            Note(environment, "backups", Text(refusal));
            return;
        }

        foreach (var manifest in backups)
        {
            if ((await KeptBackups.ReadAsync(storage, environment, manifest, cancellationToken)).Refusal is { } broken)
            {
                Note(environment, $"backup {manifest.BackupId}", Text(broken));
            }
        }
    }

    private async Task AuditAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (!(await storage.CaptureAsync(environment, cancellationToken)).TryGet(out var image, out var refusal))
        {
            Note(environment, "audit log", Text(refusal));
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

    private static string Text(Refusal refusal) => Problem.Text(refusal);
}

/// <summary>What a scrub read, and what it found damaged.</summary>
/// <param name="Environments">How many environments.</param>
/// <param name="Sides">How many documents beside theirs.</param>
/// <param name="AuditLines">How many audit lines.</param>
/// <param name="Policies">How many signed policies.</param>
/// <param name="Problems">What is damaged; nothing when all is as it was written.</param>
public sealed record ScrubReport(int Environments, long Sides, long AuditLines, long Policies, ImmutableArray<StoreProblem> Problems);

/// <summary>Something that is not as it was written.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Row">Which part of it.</param>
/// <param name="Why">What is wrong.</param>
public sealed record StoreProblem(string EnvironmentId, string Row, string Why);
