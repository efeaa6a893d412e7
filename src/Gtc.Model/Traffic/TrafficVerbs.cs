using System.Buffers.Text;
using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>traffic set</c> asks for (environment-model.md §4.6).</summary>
public sealed record SetTraffic
{
    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The shares.</summary>
    public required ImmutableArray<TrafficShare> Entries { get; init; }

    /// <summary>Who sets it.</summary>
    public required string UpdatedBy { get; init; }

    /// <summary>The key under which the same request is answered again instead of done again.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The authorization document.</summary>
    public string AuthorizationRef { get; init; } = "auth.json";
}

/// <summary>How a change of the dial ended.</summary>
/// <param name="Document">The document after; the same as before on a replay.</param>
/// <param name="Split">The split in force.</param>
/// <param name="PreviousGeneration">The generation before, null on a replay and for the first split.</param>
/// <param name="NewGeneration">The generation after, null on a replay, which is not to be saved.</param>
public sealed record TrafficChange(EnvironmentDocument Document, TrafficSplit Split, ulong? PreviousGeneration, ulong? NewGeneration);

/// <summary>The verbs on the dial. Pure.</summary>
public static class TrafficVerbs
{
    /// <summary>
    /// Sets the shares of a deployment. In this order: the deployment and every revision exist and belong together; the same key
    /// with the same shares is a replay, with others a conflict; every revision is ready; the shares sum to 10,000.
    /// </summary>
    public static Outcome<TrafficChange> Set(EnvironmentDocument document, SetTraffic command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        var deployment = document.Bundles.FirstOrDefault(d => d.DeploymentId == command.DeploymentId);
        if (deployment is null)
        {
            return new Refusal.Missing($"deployment {command.DeploymentId} is not in environment `{document.EnvironmentId}`");
        }

        if (string.IsNullOrWhiteSpace(command.IdempotencyKey) || command.IdempotencyKey.Length > 255)
        {
            return new Refusal.InvalidArgument("idempotency_key must be 1 to 255 characters and not blank");
        }

        if (FindStranger(document, command) is { } stranger)
        {
            return stranger;
        }

        var existing = document.TrafficSplits.FirstOrDefault(s => s.DeploymentId == command.DeploymentId);
        if (existing is not null && existing.IdempotencyKey == command.IdempotencyKey)
        {
            return SameShares(existing.Entries, command.Entries)
                ? new TrafficChange(document, existing, null, null)
                : new Refusal.Conflict($"idempotency key `{command.IdempotencyKey}` was used for other shares of deployment {command.DeploymentId}");
        }

        return FindUnready(document, command.Entries) is { } unready
            ? unready
            : Write(document, deployment, existing, command, now);
    }

    /// <summary>True when both hold the same shares in any order.</summary>
    public static bool SameShares(ImmutableArray<TrafficShare> left, ImmutableArray<TrafficShare> right) =>
        left.Length == right.Length
        && left.Select(Key).Order().SequenceEqual(right.Select(Key).Order());

    /// <summary>An object as an inline token, <c>inline://</c> and base64url without padding (environment-model.md §4.3).</summary>
    public static string Stash(ReadOnlySpan<byte> compactJson) => "inline://" + Base64Url.EncodeToString(compactJson);

    private static (Ulid, uint) Key(TrafficShare share) => (share.RevisionId.Value, share.WeightBps);

    private static Refusal? FindStranger(EnvironmentDocument document, SetTraffic command)
    {
        foreach (var entry in command.Entries)
        {
            var revision = document.Revisions.FirstOrDefault(r => r.RevisionId == entry.RevisionId);
            if (revision is null)
            {
                return new Refusal.Missing($"revision {entry.RevisionId} is not in environment `{document.EnvironmentId}`");
            }

            if (revision.DeploymentId != command.DeploymentId)
            {
                return new Refusal.InvalidArgument($"revision {entry.RevisionId} belongs to deployment {revision.DeploymentId}, not to {command.DeploymentId}");
            }
        }

        return null;
    }

    private static Refusal.Conflict? FindUnready(EnvironmentDocument document, ImmutableArray<TrafficShare> entries)
    {
        foreach (var entry in entries)
        {
            var revision = document.Revisions.First(r => r.RevisionId == entry.RevisionId);
            if (revision.Lifecycle != RevisionLifecycle.Ready)
            {
                return new Refusal.Conflict($"revision {entry.RevisionId} is {RevisionVerbs.Text(revision.Lifecycle)}; only a ready one takes traffic")
                {
                    Next = $"gtc op revisions warm revision_id={entry.RevisionId}",
                };
            }
        }

        return null;
    }

    private static Outcome<TrafficChange> Write(
        EnvironmentDocument document, BundleDeployment deployment, TrafficSplit? existing, SetTraffic command, DateTimeOffset now)
    {
        var split = new TrafficSplit
        {
            Schema = Schemas.TrafficSplit,
            EnvId = document.EnvironmentId,
            DeploymentId = deployment.DeploymentId,
            BundleId = deployment.BundleId,
            Generation = existing is null ? 0 : checked(existing.Generation + 1),
            Entries = command.Entries,
            UpdatedAt = now,
            UpdatedBy = command.UpdatedBy,
            IdempotencyKey = command.IdempotencyKey,
            AuthorizationRef = command.AuthorizationRef,
            PreviousSplitRef = existing is null ? null : Stash(Documents.TrafficSplit.ToLine(existing with { PreviousSplitRef = null })),
        };
        if (SplitRules.Validate(split) is { } broken)
        {
            return broken;
        }

        var splits = existing is null ? document.TrafficSplits.Add(split) : document.TrafficSplits.Replace(existing, split);
        return new TrafficChange(document with { TrafficSplits = splits }, split, existing?.Generation, split.Generation);
    }
}
