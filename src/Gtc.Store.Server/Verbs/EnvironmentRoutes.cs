using System.Globalization;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on an environment itself.</summary>
internal static class EnvironmentRoutes
{
    private const string One = "/environments/{env_id}";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", "/environments", "env", "create", "Makes an empty environment", ContractJson.Default.CreateBody, Create) with
        {
            MakesEnvironment = true,
            Precondition = Precondition.Ignored,
        },
        ChangeRoute.With("POST", One + "/init", "env", "init", "Makes or heals `local` with the default env-packs, and trusts the server's key where there never was a trust root", ContractJson.Default.InitBody, Init) with
        {
            MakesEnvironment = true,
        },
        ChangeRoute.With("PATCH", One, "env", "update", "Changes name and host", ContractJson.Default.UpdateEnvironment, Update),
        ChangeRoute.With("PUT", One + "/public-url", "env", "set-public-url", "Says by which origin the world reaches it", ContractJson.Default.PublicUrlBody, SetPublicUrl),
        ChangeRoute.With("POST", One + "/migrate-bindings", "env", "migrate-bindings", "Adds bindings whose slots and keys are free", ContractJson.Default.MigrateBody, Migrate) with
        {
            MakesEnvironment = true,
        },
        ChangeRoute.With("POST", One + "/restore-generation", "env", "restore", "Makes the document of an earlier generation the newest one", ContractJson.Default.RestoreBody, Restore),
        ChangeRoute.With("DELETE", One, "env", "destroy", "Ends an environment, of which a final backup stays; one of the same id counts on from its last generation", ContractJson.Default.DestroyBody, Destroy) with
        {
            Precondition = Precondition.Required,
            RemovesEnvironment = true,
        },
        ChangeRoute.With("PUT", One + "/runtime", "runtime", "set", "Replaces what a deployer discovered, compared by its own generation", ContractJson.Default.RuntimeBody, SetRuntime) with
        {
            Precondition = Precondition.Ignored,
        },
    ];

    private static Outcome<Planned> Create(Asked asked, CreateBody body) => new Planned(Wire.Target(body.EnvId), context => context.Current is not null
        ? new Refusal.Conflict($"environment `{body.EnvId}` exists already") { IsDuplicate = true }
        : CheckHost(body).Then(host => EnvironmentVerbs.CreateNamed(body.EnvId, body.Name, host)).Then<Change>(document => new Change(ChangeAnswer.OfDocument) { Document = document }))
    {
        Environment = body.EnvId,
    };

    private static Outcome<Planned> Init(Asked asked, InitBody body)
    {
        if (asked.Environment != EnvId.Local)
        {
            return new Refusal.InvalidArgument($"only environment `{EnvId.Local}` has defaults");
        }

        return (body.PublicBaseUrl is { } given ? PublicBaseUrl.Parse(given).Then<string?>(url => url) : (string?)null).Then<Planned>(url => new Planned(Wire.Target(asked.Environment), context =>
            EnvironmentVerbs.Heal(context.Current, url).Then(healed => Healed(asked, context, healed))));
    }

    private static Outcome<Change> Healed(Asked asked, ChangeContext context, HealedEnvironment healed)
    {
        var sides = TypedSides.None;
        JsonObject? seeded = null;
        if (context.TrustRoot is null)
        {
            if (!asked.OperatorKey.LoadOrGenerate().TryGet(out var key, out var refusal))
            {
                return refusal;
            }

            using (key)
            {
                var root = Signing.TrustRoot.Empty.Add(Signing.TrustedKey.Of(key.Key.PublicKey) with { AddedAt = context.Now, Source = "bootstrap" }).Value;
                sides = sides.SetItems(TypedSides.Of(root));
                seeded = new JsonObject { ["key_id"] = key.KeyId, ["public_key_pem"] = key.PublicKeyPem, ["trusted_key_count"] = root.Keys.Length };
            }
        }

        if (!context.Side(SideName.Runtime).Then(TypedSides.Runtime).TryGet(out var before, out var unreadable))
        {
            return unreadable;
        }

        if (RuntimeStub.Of(healed.Document, before, context.Now) is { } stub)
        {
            sides = sides.SetItems(TypedSides.Of(stub));
        }

        var result = new JsonObject
        {
            ["outcome"] = healed.Outcome,
            ["added_slots"] = new JsonArray([.. healed.AddedSlots.Select(slot => (JsonNode)PackVerbs.Text(slot))]),
            ["trust_root"] = seeded,
        };
        return new Change(Wire.Answer(result) with { Place = DocumentPlace.Member }) { Document = healed.Outcome == "untouched" ? null : healed.Document, Sides = sides };
    }

    /// <summary>The host's values are held against the same rules as those of a patch.</summary>
    private static Outcome<HostConfig> CheckHost(CreateBody body)
    {
        var patch = new UpdateEnvironment
        {
            ListenAddr = body.HostConfig.ListenAddr is { } address ? FieldUpdate.Set(address) : default,
            PublicBaseUrl = body.HostConfig.PublicBaseUrl is { } url ? FieldUpdate.Set(url) : default,
        };
        return EnvironmentVerbs.Update(EnvironmentVerbs.Create(body.EnvId, body.Name, body.HostConfig), patch).Then<HostConfig>(document => document.HostConfig);
    }

    private static Outcome<Planned> Update(Asked asked, UpdateEnvironment body)
    {
        // The log names the members and never their values.
        var target = Wire.Target(asked.Environment);
        (string Name, bool IsGiven)[] members =
        [
            ("name", body.Name is not null),
            ("region", IsGiven(body.Region)),
            ("tenant_org_id", IsGiven(body.TenantOrgId)),
            ("listen_addr", IsGiven(body.ListenAddr)),
            ("public_base_url", IsGiven(body.PublicBaseUrl)),
            ("gui_enabled", IsGiven(body.GuiEnabled)),
        ];
        target["fields"] = new JsonArray([.. members.Where(member => member.IsGiven).Select(member => (JsonNode)member.Name)]);
        return new Planned(target, context => EnvironmentVerbs.Update(context.Present, body).Then<Change>(document => new Change(ChangeAnswer.OfDocument) { Document = document }));
    }

    private static bool IsGiven<T>(FieldUpdate<T> update)
        where T : notnull => update.IsSet || update.IsCleared;

    private static Outcome<Planned> SetPublicUrl(Asked asked, PublicUrlBody body) => Update(asked, new UpdateEnvironment { PublicBaseUrl = FieldUpdate.Set(body.PublicBaseUrl) });

    private static Outcome<Planned> Migrate(Asked asked, MigrateBody body)
    {
        if (body.Packs.Select(AnswersPlace.Refuse).Concat(body.Extensions.Select(AnswersPlace.Refuse)).FirstOrDefault(refusal => refusal is not null) is { } elsewhere)
        {
            return elsewhere;
        }

        // A stash is the store's own: a rollback would bind what it says.
        var command = new MigrateBindings
        {
            Packs = [.. body.Packs.Select(pack => pack with { PreviousBindingRef = null })],
            Extensions = [.. body.Extensions.Select(extension => extension with { PreviousBindingRef = null })],
            SeedIfMissing = body.SeedIfMissing,
        };
        return new Planned(Wire.Target(asked.Environment), context => BindingMigration.Migrate(asked.Environment, context.Current, command).Then<Change>(migrated =>
        {
            var merged = Merged(migrated);
            var target = Merged(migrated);
            target["environment_id"] = asked.Environment.ToString();
            return new Change(Wire.Answer(merged)) { Document = migrated.Document, Target = target };
        }))
        {
            AlsoNeeds = body.Packs.Select(pack => Revocations.RightFor(pack.Slot)).FirstOrDefault(right => right is not null),
        };
    }

    private static JsonObject Merged(MigratedBindings migrated) => new()
    {
        ["merged_slots"] = new JsonArray([.. migrated.MergedSlots.Select(slot => (JsonNode)PackVerbs.Text(slot))]),
        ["merged_extensions"] = new JsonArray([.. migrated.MergedExtensions.Select(extension => (JsonNode)extension)]),
    };

    private static Outcome<Planned> Restore(Asked asked, RestoreBody body)
    {
        var target = Wire.Target(asked.Environment);
        target["generation"] = body.Generation;
        return new Planned(target, context => context.DocumentAt(body.Generation).Then(earlier =>
        {
            // A key that was removed does not come back with the document that carried it.
            var known = SignedMembers.EmbedsKeys(earlier) ? SignedMembers.WithKeys(earlier, context.TrustRoot ?? Signing.TrustRoot.Empty) : earlier;
            var document = Revocations.AskedAsNow(context.Present, known);
            return AnswersSides.Recall(context, document).Then(sides => Revocations.Routed(context, new Change(ChangeAnswer.OfDocument) { Document = document, Sides = sides }));
        }));
    }

    private static Outcome<Planned> Destroy(Asked asked, DestroyBody body)
    {
        var target = Wire.Target(asked.Environment);
        target["force"] = body.Force;
        return new Planned(target, context => WhyNotDestroy(context, body) is { } routed
            ? routed
            : Ended(asked, context, context.Capture!().Then<FinalBackup>(ending => FinalBackup.Of(ending, context.NewUlid(), context.Now)), body));
    }

    /// <summary>Why the environment does not end: it routes traffic, and is not forced to. Null when it does.</summary>
    public static Refusal? WhyNotDestroy(ChangeContext context, DestroyBody body) => body.Force ? null : FileEnvironmentStore.WhyNotDestroy(context.Present);

    /// <summary>What cannot be read any more cannot be kept; that it goes in spite of it has to be said.</summary>
    private static Outcome<Change> Ended(Asked asked, ChangeContext context, Outcome<FinalBackup> final, DestroyBody body)
    {
        if (final.Refusal is { } refusal && !body.Force)
        {
            return refusal;
        }

        var id = final.Match(backup => backup.Manifest.BackupId, _ => (string?)null);
        var target = Wire.Target(asked.Environment, ("backup_id", id));
        target["force"] = body.Force;
        return new Change(Wire.Answer(new JsonObject { ["environment_id"] = context.Present.EnvironmentId.ToString(), ["destroyed"] = true, ["backup_id"] = id }))
        {
            Final = final.Match(backup => backup, _ => (FinalBackup?)null),
            Target = target,
        };
    }

    private static Outcome<Planned> SetRuntime(Asked asked, RuntimeBody body) => new Planned(Wire.Target(asked.Environment, ("generated_by", body.GeneratedBy.ToString())), context =>
        context.Side(SideName.Runtime).Then(TypedSides.Runtime).Then<Change>(before =>
        {
            var present = before?.Generation ?? 0;
            if (present != body.ExpectedGeneration)
            {
                return new Refusal.Conflict(string.Create(CultureInfo.InvariantCulture, $"expected_generation is {body.ExpectedGeneration}, what was discovered is of generation {present}"));
            }

            var runtime = new EnvironmentRuntime
            {
                Schema = Schemas.EnvironmentRuntime,
                EnvironmentId = asked.Environment,
                Discovered = body.Discovered,
                GeneratedAt = context.Now,
                GeneratedBy = body.GeneratedBy,
                Generation = present + 1,
            };
            return new Change(Wire.Answer(runtime, ContractJson.Default.EnvironmentRuntime)) { Sides = TypedSides.Of(runtime) };
        }));
}
