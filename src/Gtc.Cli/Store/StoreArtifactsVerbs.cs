using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store artifacts</c>: the bundles that a store keeps, and those of them that no revision names.</summary>
internal static class StoreArtifactsVerbs
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Bundles that a store keeps by their digest";

    private const uint DefaultHours = 24;
    private const uint MostHours = 24 * 36_500;

    private static readonly ImmutableArray<PayloadField> Place = [.. ArchivePlace.Fields.Where(one => one.Path is "data" or "database" or "database_file")];

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("artifacts", Purpose, context,
    [
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("prune", () => PruneVerb.Purpose, inner => PruneVerb.Create(inner, flags)),
    ]);

    private static Verb<ArtifactsPayload> ListVerb => new()
    {
        Noun = "store artifacts",
        Name = "list",
        Purpose = "List the bundles that a store keeps, and whether a revision names them",
        Examples = ["store artifacts list", "store artifacts list --database-file store.url"],
        Payload = StoreJson.Default.ArtifactsPayload,
        Fields = Place,
        RunAsync = (payload, call, stop) => WithAsync(payload, call, ListAsync, stop),
    };

    private static Verb<PrunePayload> PruneVerb => new()
    {
        Noun = "store artifacts",
        Name = "prune",
        Purpose = "Remove bundles that no revision names",
        Remark = "The store may be at work. A bundle stays that a revision of an environment or of a backup that is kept names, whatever became of the revision, and one that was sent or asked for within --older-than-hours.",
        Examples = ["store artifacts prune --dry-run", "store artifacts prune --database-file store.url --older-than-hours 168"],
        Payload = StoreJson.Default.PrunePayload,
        Fields =
        [
            new("older_than_hours", $"only those that nobody sent or asked for in so many hours; {DefaultHours} when not given", "--older-than-hours", "N"),
            new("dry_run", "say what would be removed and do nothing", "--dry-run"),
            .. Place,
        ],
        RunAsync = (payload, call, stop) => (payload.OlderThanHours ?? DefaultHours) is <= MostHours and var hours
            ? WithAsync(
                new ArtifactsPayload { Data = payload.Data, Database = payload.Database, DatabaseFile = payload.DatabaseFile },
                call,
                (storage, inner) => PruneAsync(storage, call.Context.Time.GetUtcNow() - TimeSpan.FromHours(hours), payload.DryRun, inner),
                stop)
            : Task.FromResult<Outcome<Answer>>(new Refusal.InvalidArgument($"older_than_hours must be at most {MostHours}")),
    };

    private static async Task<Outcome<Answer>> WithAsync(ArtifactsPayload payload, VerbCall call, Func<IEnvironmentStorage, CancellationToken, Task<Outcome<Answer>>> run, CancellationToken cancellationToken)
    {
        var place = new ServePayload { Data = payload.Data, Database = payload.Database, DatabaseFile = payload.DatabaseFile };
        if (!(await ServedStorage.OpenAsync(place, call.Context, new RandomSource(call.Context.Random), NullLogger.Instance, isBeside: true, cancellationToken)).TryGet(out var served, out var refusal))
        {
            return refusal;
        }

        await using var storage = served.Storage;
        return await run(storage, cancellationToken);
    }

    private static async Task<Outcome<Answer>> ListAsync(IEnvironmentStorage storage, CancellationToken cancellationToken)
    {
        if (!(await UnusedArtifacts.FindAsync(storage, DateTimeOffset.MaxValue, cancellationToken)).TryGet(out var unused, out var refusal)
            || !(await AllAsync(storage, cancellationToken)).TryGet(out var all, out refusal))
        {
            return refusal;
        }

        var unnamed = unused.Select(artifact => artifact.Digest).ToHashSet();
        ImmutableArray<ArtifactRow> rows = [.. all.Select(artifact => ArtifactRow.Of(artifact, !unnamed.Contains(artifact.Digest)))];
        return Answer.Of(new ArtifactsResult(rows, all.Sum(artifact => artifact.SizeBytes)), StoreJson.Default.ArtifactsResult, screen => screen.Table(
            new(
                [new("artifact"), new("bytes"), new("touched"), new("named", 1)],
                [.. rows.Select(row => ImmutableArray.Create(row.Digest, row.SizeBytes.ToString("N0", CultureInfo.InvariantCulture), screen.Ago(row.TouchedAt), row.IsNamed ? "yes" : "no"))]),
            "The store keeps no artifact."));
    }

    private static async Task<Outcome<ImmutableArray<StoredArtifact>>> AllAsync(IEnvironmentStorage storage, CancellationToken cancellationToken)
    {
        const int Page = 500;
        var all = ImmutableArray.CreateBuilder<StoredArtifact>();
        while (true)
        {
            if (!(await storage.Artifacts.ListAsync(all.Count == 0 ? null : all[^1].Digest, Page, cancellationToken)).TryGet(out var page, out var refusal))
            {
                return refusal;
            }

            all.AddRange(page);
            if (page.Length < Page)
            {
                return all.ToImmutable();
            }
        }
    }

    private static async Task<Outcome<Answer>> PruneAsync(IEnvironmentStorage storage, DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken)
    {
        if (!(await UnusedArtifacts.FindAsync(storage, before, cancellationToken)).TryGet(out var unused, out var refusal)
            || (!isDryRun && !(await UnusedArtifacts.RemoveAsync(storage, unused, before, cancellationToken)).TryGet(out unused, out refusal)))
        {
            return refusal;
        }

        var result = new PruneResult(isDryRun, [.. unused.Select(artifact => artifact.Digest.ToString())], unused.Sum(artifact => artifact.SizeBytes));
        return Answer.Of(result, StoreJson.Default.PruneResult, screen =>
        {
            screen.Say(string.Create(CultureInfo.InvariantCulture, $"{unused.Length} artifacts of {result.Bytes:N0} bytes that no revision names {(isDryRun ? "would be" : "are")} removed."));
            foreach (var digest in result.Removed)
            {
                screen.Say($"  {digest}");
            }
        });
    }
}

/// <summary>What <c>store artifacts list</c> takes.</summary>
internal sealed record ArtifactsPayload
{
    public string? Data { get; init; }

    public string? Database { get; init; }

    public string? DatabaseFile { get; init; }
}

/// <summary>What <c>store artifacts prune</c> takes.</summary>
internal sealed record PrunePayload
{
    public string? Data { get; init; }

    public string? Database { get; init; }

    public string? DatabaseFile { get; init; }

    public uint? OlderThanHours { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>What <c>store artifacts list</c> answers.</summary>
internal sealed record ArtifactsResult(ImmutableArray<ArtifactRow> Artifacts, long Bytes);

/// <summary>One artifact.</summary>
internal sealed record ArtifactRow(string Digest, long SizeBytes, DateTimeOffset TouchedAt, bool IsNamed)
{
    public static ArtifactRow Of(StoredArtifact artifact, bool isNamed) => new(artifact.Digest.ToString(), artifact.SizeBytes, artifact.TouchedAt, isNamed);
}

/// <summary>What <c>store artifacts prune</c> answers.</summary>
internal sealed record PruneResult(bool DryRun, ImmutableArray<string> Removed, long Bytes);
