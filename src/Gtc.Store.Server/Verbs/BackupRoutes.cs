using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>The verbs on backups (store-server.md §6.2, §8). Going back to a backup is an ordinary change: trusted keys, signed policies, secrets and the audit log stay as they are.</summary>
internal static class BackupRoutes
{
    private const string Noun = "backup";
    private const string One = "/environments/{env_id}";
    private const string Backups = One + "/backups";

    private static readonly string RevocationAnswers = Path.GetDirectoryName(AnswersPlace.Of(CapabilitySlot.Revocation)) + "/";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = Backups, Noun = Noun, Verb = "list", Summary = "The backups of an environment, oldest first, and the final ones of environments of this id that ended", Answer = ListAsync },
        new ReadRoute
        {
            Method = "GET",
            Path = Backups + "/{backup_id}/export",
            Noun = Noun,
            Verb = "export",
            Summary = "A backup with its audit log and keys, signed, to be taken elsewhere; needs the right to change",
            NeedsRight = true,
            Answer = BackupExport.AnswerAsync,
        },
        ChangeRoute.Bare("POST", Backups, Noun, "create", "Keeps the environment as it is, beside it", _ => throw new InvalidOperationException("A backup is planned with its image."))
            with { Precondition = Precondition.Ignored, PlanLater = (asked, _, storage, stop) => CreateAsync(asked, storage, stop) },
        ChangeRoute.Bare("DELETE", Backups + "/{backup_id}", Noun, "delete", "Gives up a backup", Delete) with { Precondition = Precondition.Ignored },
        ChangeRoute.With("POST", One + "/restore", Noun, "restore", "Makes document, runtime and answers those of a backup, where nothing that was revoked since gets traffic by it; of an environment that ended, all of it", ContractJson.Default.RestoreBackupBody, (_, _) => throw new InvalidOperationException("A restore is planned with the backup.")) with
        {
            Precondition = Precondition.Ignored,
            MakesEnvironment = true,
            PlanLater = RestoreAsync,
        },
        ChangeRoute.With("POST", One + "/import", Noun, "import", "Makes an environment of an exported backup", ContractJson.Default.ImportBody, Import) with
        {
            Precondition = Precondition.Ignored,
            MakesEnvironment = true,
            MaxBody = static options => options.MaxImportBytes,
            Plan = (asked, bytes) => RequestBody.ParseLarge(bytes, ContractJson.Default.ImportBody).Then(body => Import(asked, body)),
        },
    ];

    /// <summary>The backup that a path names.</summary>
    public static Outcome<string> IdOf(string text) =>
        Ulid.TryParse(text, out var id) ? id.ToString() : new Refusal.InvalidArgument("backup_id in the path must be a ULID, 26 characters");

    private static async Task<Reply> ListAsync(ReadCall call)
    {
        var stop = call.Request.HttpContext.RequestAborted;
        if (!(await call.Storage.ListEndedAsync(call.Environment, stop)).TryGet(out var ended, out var refusal)
            || (!(await KeptBackups.ListAsync(call.Storage, call.Environment, stop)).TryGet(out var backups, out refusal) && (refusal is not Refusal.Missing || ended.IsEmpty)))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        return Reply.Object(200, writer =>
        {
            writer.WriteString("environment_id", call.Environment.ToString());
            Write(writer, "backups", backups.IsDefault ? [] : backups);
            Write(writer, "ended", ended);
        });
    }

    private static void Write(Utf8JsonWriter writer, string name, ImmutableArray<BackupManifest> backups)
    {
        writer.WriteStartArray(name);
        foreach (var manifest in backups)
        {
            JsonSerializer.Serialize(writer, manifest, ContractJson.Default.BackupManifest);
        }

        writer.WriteEndArray();
    }

    private static async Task<Outcome<Planned>> CreateAsync(Asked asked, IEnvironmentStorage storage, CancellationToken cancellationToken)
    {
        // Where there is no environment, the step is not run either.
        var captured = await storage.CaptureAsync(asked.Environment, cancellationToken);
        return captured.Refusal is { } refusal and not Refusal.Missing ? refusal : new Planned(Wire.Target(asked.Environment), context =>
            captured.Then(image => KeptBackups.List(context).Then(present => KeptBackups.Add(present, image, context.NewUlid(), context.Now))).Then<Change>(added =>
            {
                var target = Wire.Target(asked.Environment, ("backup_id", added.Manifest.BackupId));
                target["generation"] = added.Manifest.Generation;
                return new Change(Wire.Answer(added.Manifest, ContractJson.Default.BackupManifest)) { Sides = added.Sides, Target = target };
            }));
    }

    private static Outcome<Planned> Delete(Asked asked) => IdOf(asked.Parameter("backup_id")).Then<Planned>(id => new Planned(Wire.Target(asked.Environment, ("backup_id", id)), context =>
        KeptBackups.List(context).Then(present => KeptBackups.Find(present, id).Then<Change>(found =>
            new Change(Wire.Answer(new JsonObject { ["backup_id"] = id, ["deleted"] = true })) { Sides = KeptBackups.Remove(present, found) }))));

    private static async Task<Outcome<Planned>> RestoreAsync(Asked asked, ReadOnlyMemory<byte> bytes, IEnvironmentStorage storage, CancellationToken cancellationToken)
    {
        if (!RequestBody.Parse(bytes, ContractJson.Default.RestoreBackupBody).TryGet(out var body, out var refusal))
        {
            return refusal;
        }

        if (body.Precondition is { IfMatch: null, ExpectedGeneration: null })
        {
            return new PreconditionMissing("precondition must carry if_match or expected_generation of the environment that was reviewed");
        }

        if (!(await storage.ListEndedAsync(asked.Environment, cancellationToken)).TryGet(out var ended, out refusal))
        {
            return refusal;
        }

        var target = Wire.Target(asked.Environment, ("backup_id", body.BackupId));
        if (ended.FirstOrDefault(manifest => manifest.BackupId == body.BackupId) is not { } final)
        {
            return new Planned(target, context => context.Current is null ? NoEnvironment(asked) : KeptBackups.List(context)
                .Then(present => KeptBackups.Find(present, body.BackupId))
                .Then(manifest => KeptBackups.Read(manifest, context).Then(image => Stale(body.Precondition, context) is { } stale ? stale : Back(asked, context, manifest, image))));
        }

        return (await storage.ReadEndedAsync(final.BackupId, cancellationToken)).Then<Planned>(image => new Planned(target, context =>
            Stale(body.Precondition, context) is { } stale ? stale : context.Current is null ? Again(asked, final, image) : Back(asked, context, final, image))
        {
            // What ended comes back with its trusted keys.
            AlsoNeeds = image.Sides.ContainsKey(SideName.TrustRoot) ? ("trust-root", "add") : null,
        });
    }

    private static Refusal.Missing NoEnvironment(Asked asked) => new($"environment `{asked.Environment}` does not exist, and no such final backup of it is kept");

    private static Outcome<Change> Again(Asked asked, BackupManifest manifest, EnvironmentImage image)
    {
        var target = Wire.Target(asked.Environment, ("backup_id", manifest.BackupId));
        target["backup_generation"] = manifest.Generation;
        var result = new JsonObject { ["integrity"] = Wire.Node(manifest.Integrity, ContractJson.Default.BackupIntegrity) };
        return new Change(Wire.Answer(result)) { Document = image.Document, Image = image, Target = target };
    }

    private static StaleEtag? Stale(BackupPrecondition precondition, ChangeContext context)
    {
        var etag = context.Current is { } present ? StoredEnvironment.EtagOf(present) : string.Empty;
        return (precondition.IfMatch is { } expected && !string.Equals(expected.Trim('"'), etag, StringComparison.OrdinalIgnoreCase))
            || (precondition.ExpectedGeneration is { } generation && generation != context.Generation)
            ? new StaleEtag(precondition.IfMatch?.Trim('"'), precondition.ExpectedGeneration, etag, context.Generation)
            : null;
    }

    private static Outcome<Change> Back(Asked asked, ChangeContext context, BackupManifest manifest, EnvironmentImage image)
    {
        // A key that was removed does not come back with the document that carried it.
        var earlier = SignedMembers.EmbedsKeys(image.Document) ? SignedMembers.WithKeys(image.Document, context.TrustRoot ?? TrustRoot.Empty) : image.Document;
        var document = Revocations.AskedAsNow(context.Present, earlier);
        var sides = TypedSides.Of(SideName.Runtime, null);
        foreach (var present in context.Present.Packs.Select(pack => pack.AnswersRef).Concat(context.Present.Extensions.Select(extension => extension.AnswersRef)))
        {
            if (SideName.TryParse(present, out var name) && GoesBack(present))
            {
                sides = sides.SetItem(name, null);
            }
        }

        foreach (var (name, bytes) in image.Sides.Where(side => side.Key == SideName.Runtime || GoesBack(side.Key.ToString())))
        {
            sides = sides.SetItem(name, bytes.ToArray());
        }

        var target = Wire.Target(asked.Environment, ("backup_id", manifest.BackupId));
        target["backup_generation"] = manifest.Generation;
        target["restored_generation"] = context.Generation + 1;
        var result = new JsonObject { ["restored_generation"] = context.Generation + 1, ["integrity"] = Wire.Node(manifest.Integrity, ContractJson.Default.BackupIntegrity) };
        return Revocations.Routed(context, new Change(Wire.Answer(result)) { Document = document, Sides = sides, Target = target });
    }

    /// <summary>Answers do, but for those of the binding that stays. What else a binding may name is not its own: keys, secrets and what is revoked stay.</summary>
    private static bool GoesBack(string name) => AnswersPlace.Holds(name) && !name.StartsWith(RevocationAnswers, StringComparison.Ordinal);

    private static Outcome<Planned> Import(Asked asked, ImportBody body) => BackupArtifact.Read(body.Artifact).Then(artifact =>
    {
        if (artifact.Manifest.EnvId != asked.Environment.ToString())
        {
            return new Refusal.InvalidArgument($"the artifact is of environment `{artifact.Manifest.EnvId}`, the path names `{asked.Environment}`");
        }

        return BackupTrust.Adopt(artifact, body.ConfirmSigner, asked.OperatorKey).Then<Planned>(image => new Planned(Wire.Target(asked.Environment, ("backup_id", artifact.Manifest.BackupId)), context => context.Current is not null
            ? new Refusal.Conflict($"environment `{asked.Environment}` exists already") { IsDuplicate = true }
            : Imported(asked, artifact.Manifest, image))
        {
            // An artifact brings trusted keys along.
            AlsoNeeds = image.Sides.ContainsKey(SideName.TrustRoot) ? ("trust-root", "add") : null,
        });
    });

    private static Change Imported(Asked asked, BackupManifest manifest, EnvironmentImage image)
    {
        var target = Wire.Target(asked.Environment, ("backup_id", manifest.BackupId));
        target["backup_generation"] = manifest.Generation;
        target["imported_generation"] = image.Generation + 1;
        var result = new JsonObject { ["imported_generation"] = image.Generation + 1, ["integrity"] = Wire.Node(manifest.Integrity, ContractJson.Default.BackupIntegrity) };
        return new Change(Wire.Answer(result)) { Document = image.Document, Image = image, Target = target };
    }
}
