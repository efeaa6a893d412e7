using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Moves the bindings, answers and secrets of the legacy environment <c>dev</c> into another one and sets its folder aside (store.md §7.1).</summary>
/// <param name="store">The store.</param>
/// <param name="access">For the secrets of both.</param>
public sealed class DevMigration(FileEnvironmentStore store, SecretAccess access)
{
    private static readonly EnvId _dev = EnvId.TryParse("dev", out var id) ? id : throw new InvalidOperationException("`dev` is no environment id.");

    private EnvironmentLayout Legacy => store.Layout.Environment(_dev);

    /// <summary>What a migration would meet; nothing when there is no legacy environment.</summary>
    public async Task<Outcome<ImmutableArray<MigrationFinding>>> CheckAsync(EnvId target, CancellationToken cancellationToken)
    {
        if (target == _dev)
        {
            return new Refusal.InvalidArgument($"environment `{_dev}` cannot be migrated into itself") { Next = "gtc op env migrate-dev local --check" };
        }

        var findings = ImmutableArray.CreateBuilder<MigrationFinding>();
        if (access.Filled("GREENTIC_ENV") == _dev.ToString())
        {
            findings.Add(MigrationFinding.Info("runtime-env-var", "GREENTIC_ENV", $"GREENTIC_ENV still names `{_dev}`: say {target} there"));
        }

        if (await store.ExistsAsync(_dev, cancellationToken))
        {
            findings.AddRange((await store.LoadAsync(_dev, cancellationToken)).Match(
                Findings,
                refusal => [MigrationFinding.Blocking("legacy-env-unreadable", Legacy.Document, refusal.Message)]));
        }

        return findings.ToImmutable();
    }

    /// <summary>Migrates. Doing it again, also after it was cut short, does what is left of it; without a legacy environment that is nothing.</summary>
    public async Task<Outcome<DevMigrated>> ApplyAsync(EnvId target, CancellationToken cancellationToken)
    {
        var intent = new MutationIntent(target, "env", "migrate-dev", new JsonObject { ["from_env"] = _dev.ToString(), ["to_env"] = target.ToString() });
        var isThere = target != _dev && await store.ExistsAsync(_dev, cancellationToken);
        try
        {
            using var held = isThere ? await EnvironmentLock.TakeAsync(Legacy, store.Atomic, cancellationToken) : null;
            var findings = await CheckAsync(target, cancellationToken);
            var legacy = isThere ? await store.LoadAsync(_dev, cancellationToken) : default;
            var merged = await store.MutateAsync<DevMigrated>(
                intent,
                change => findings.Then(found => MigrationFinding.Refuse(found) is { } blocked ? blocked
                    : isThere ? legacy.Then(document => Merge(change, target, document))
                    : new Mutation<DevMigrated>(new DevMigrated([], [], 0, null))),
                cancellationToken);
            return merged.Then(done => isThere ? done with { RenamedTo = SetAside() } : (Outcome<DevMigrated>)done);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the folder of environment `{_dev}` could not be set aside", error);
        }
    }

    private static ImmutableArray<string> AnswersOf(MigratedBindings merged, EnvironmentDocument legacy) =>
    [
        .. legacy.Packs.Where(pack => merged.MergedSlots.Contains(pack.Slot)).Select(pack => pack.AnswersRef)
            .Concat(legacy.Extensions.Where(extension => merged.MergedExtensions.Contains(ExtensionKey.Of(extension).ToString())).Select(extension => extension.AnswersRef))
            .OfType<string>()
            .Where(RuntimeConfigRules.IsContained),
    ];

    private ImmutableArray<MigrationFinding> Findings(EnvironmentDocument legacy)
    {
        var findings = ImmutableArray.CreateBuilder<MigrationFinding>();
        var more = new (string What, bool Has)[]
        {
            ("credentials", legacy.CredentialsRef is not null),
            ("bundles", !legacy.Bundles.IsEmpty),
            ("revisions", !legacy.Revisions.IsEmpty),
            ("splits", !legacy.TrafficSplits.IsEmpty),
            ("messaging endpoints", !legacy.MessagingEndpoints.IsEmpty),
        }.Where(pair => pair.Has).Select(pair => pair.What).ToList();
        findings.Add(more.Count == 0
            ? MigrationFinding.Info("legacy-env-simple", Legacy.Document, $"environment `{_dev}` has host values and bindings only")
            : MigrationFinding.Blocking("legacy-env-complex", Legacy.Document, $"environment `{_dev}` has {string.Join(", ", more)}, which are not migrated"));
        if (File.Exists(Legacy.AuditLog))
        {
            findings.Add(MigrationFinding.Info("audit-log", Legacy.AuditLog, "its audit log goes with the folder that is set aside"));
        }

        if (HasSecrets(legacy))
        {
            findings.Add(Secrets(legacy).Then(secrets => secrets.List()).Match(
                found => MigrationFinding.Info("secrets-store", Legacy.Folder, $"{found.Length} secrets will be copied under the new environment's name"),
                refusal => MigrationFinding.Blocking("secrets-store-unreadable", Legacy.Folder, refusal.Message)));
        }

        return findings.ToImmutable();
    }

    private bool HasSecrets(EnvironmentDocument legacy) => legacy.Packs.Any(pack => pack.Slot == CapabilitySlot.Secrets)
        && (access.Filled("GREENTIC_DEV_SECRETS_PATH") is not null || SnapshotFiles.Secrets.Any(reference => File.Exists(Legacy.Resolve(reference))));

    private Outcome<SecretStore> Secrets(EnvironmentDocument document) => SecretStore.Open(document, Legacy, access, store.Atomic);

    private Outcome<Mutation<DevMigrated>> Merge(MutationContext change, EnvId target, EnvironmentDocument legacy)
    {
        var command = new MigrateBindings
        {
            Packs = legacy.Packs,
            Extensions = legacy.Extensions,
            SeedIfMissing = new MigrationSeed(legacy.HostConfig, legacy.Revocation, legacy.Retention, legacy.Health),
        };
        if (!BindingMigration.Migrate(target, change.Current, command).TryGet(out var merged, out var refusal))
        {
            return refusal;
        }

        foreach (var reference in AnswersOf(merged, legacy))
        {
            if (!store.Files(_dev).Read(reference, BindingAnswers.MaxBytes).TryGet(out var answers, out refusal))
            {
                return refusal;
            }

            if (answers is not null && change.Files.Replace(reference, answers) is { } failed)
            {
                return failed;
            }
        }

        return (HasSecrets(legacy) ? Rekey(change, merged.Document, legacy) : 0).Then(count => (Outcome<Mutation<DevMigrated>>)new Mutation<DevMigrated>(
            new DevMigrated(merged.MergedSlots, merged.MergedExtensions, count, null)) { Document = merged.Document });
    }

    /// <summary>Copies what the target does not have; what it has stays as it is.</summary>
    private Outcome<int> Rekey(MutationContext change, EnvironmentDocument document, EnvironmentDocument legacy)
    {
        if (!Secrets(legacy).TryGet(out var from, out var refusal)
            || !from.List().TryGet(out var listed, out refusal)
            || !SecretStore.Open(document, change.Files.Layout, access, store.Atomic).TryGet(out var to, out refusal))
        {
            return refusal;
        }

        var count = 0;
        foreach (var secret in listed)
        {
            if (!Rekey(from, to, secret.StoreUri).TryGet(out var isCopied, out refusal))
            {
                return refusal;
            }

            count += isCopied ? 1 : 0;
        }

        return count;
    }

    private static Outcome<bool> Rekey(SecretStore from, SecretStore to, string uri)
    {
        if (!SecretUri.Parse(uri).TryGet(out var source, out var refusal)
            || !SecretUri.Of(to.Environment.ToString(), source.Tenant, source.Team, source.Category, source.Name).TryGet(out var target, out refusal)
            || !to.Get(target, null).TryGet(out var present, out refusal)
            || !from.Get(source, null).TryGet(out var reading, out refusal))
        {
            return refusal;
        }

        if (present is SecretReading.Found there)
        {
            there.Value.Dispose();
        }

        switch (reading)
        {
            case SecretReading.Found found:
                using (found.Value)
                {
                    return present is SecretReading.Absent ? to.Put(target, found.Value).Then<bool>(_ => true) : false;
                }

            case SecretReading.Undecryptable undecryptable:
                return undecryptable.Why;
            default:
                return false;
        }
    }

    private string SetAside()
    {
        var aside = MigrationFinding.Aside(Path.Combine(store.Layout.Root, ".dev-migrated-"), store.Now);
        store.Atomic.Calls.Rename(Legacy.Folder, aside);
        store.Atomic.Calls.SyncFolder(store.Layout.Root);
        return aside;
    }
}
