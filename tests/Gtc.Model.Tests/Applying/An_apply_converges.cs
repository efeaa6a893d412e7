using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Applying;

public sealed class An_apply_converges
{
    private const string Single = """ "bundles":[{"bundle_id":"main","bundle_path":"a"}] """;
    private const string Split = """ "bundles":[{"bundle_id":"main","revisions":[{"name":"blue","bundle_path":"a","weight_percent":90},{"name":"green","bundle_path":"b","weight_percent":10}]}] """;

    [Fact]
    public void A_missing_local_is_made_and_the_bundle_routed()
    {
        var lab = new ApplyLab().With("a", 'a');
        var plan = lab.Apply(ApplyLab.Local(Single));
        plan.Steps.Where(step => step.Action != StepAction.NoOp).Select(step => step.Kind).ShouldBe(["ensure-environment", "deploy-bundle"]);
        lab.Document!.Packs.Length.ShouldBe(5);
        lab.Document.TrafficSplits.Single().Entries.Single().WeightBps.ShouldBe(10_000u);
        lab.Document.Bundles.Single().CustomerId.ShouldBe("local-dev");
        var again = lab.Plan(ApplyLab.Local(Single));
        (again.Changed, again.NoOps).ShouldBe((0, 4));
    }

    [Fact]
    public void Another_missing_environment_is_refused() =>
        new ApplyLab().TryPlan("""{"schema":"greentic.env-manifest.v1","environment":{"id":"prod"}}""").Refusal.ShouldBeOfType<Refusal.Missing>();

    [Fact]
    public void New_bytes_stage_a_revision_and_the_way_back_stages_nothing()
    {
        var lab = new ApplyLab().With("a", 'a');
        lab.Apply(ApplyLab.Local(Single));
        lab.With("a", 'b').Apply(ApplyLab.Local(Single)).Changed.ShouldBe(1);
        lab.Document!.Revisions.Length.ShouldBe(2);
        lab.With("a", 'a').Apply(ApplyLab.Local(Single)).Changed.ShouldBe(1);
        lab.Document!.Revisions.Length.ShouldBe(2);
        lab.Document.TrafficSplits.Single().Entries.Single().RevisionId.ShouldBe(lab.Document.Revisions[0].RevisionId);
    }

    [Fact]
    public void A_change_of_weights_moves_only_the_difference()
    {
        var lab = new ApplyLab().With("a", 'a').With("b", 'b');
        lab.Apply(ApplyLab.Local(Split));
        var before = lab.Document!;
        lab.Apply(ApplyLab.Local(Split.Replace("90", "50", StringComparison.Ordinal).Replace(":10}", ":50}", StringComparison.Ordinal)));
        lab.Document!.Revisions.Length.ShouldBe(2);
        PlanDocuments.MovedTraffic(before, lab.Document).Single().MovedBps.ShouldBe(4000u);
    }

    [Fact]
    public void A_drained_or_stale_revision_is_staged_anew_even_for_the_same_wish()
    {
        var lab = new ApplyLab().With("a", 'a');
        lab.Apply(ApplyLab.Local(Single));
        lab.Document = RevisionVerbs.Drain(lab.Document!, lab.Document!.Revisions[0].RevisionId).Value.Document;
        lab.Apply(ApplyLab.Local(Single)).Changed.ShouldBe(1);
        lab.Facts = lab.Facts with { StaleRevisions = [lab.Document!.Revisions[1].RevisionId] };
        lab.Apply(ApplyLab.Local(Single)).Changed.ShouldBe(1);
        lab.Document!.Revisions.Length.ShouldBe(3);
        lab.Plan(ApplyLab.Local(Single)).Changed.ShouldBe(0);
    }

    [Fact]
    public void A_bundle_declared_by_address_and_digest_is_recorded_and_not_fetched()
    {
        var lab = new ApplyLab();
        var manifest = ApplyLab.Local($"\"bundles\":[{{\"bundle_id\":\"webchat-bot\",\"bundle_source_uri\":\"oci://ghcr.io/x/y:v1\",\"bundle_digest\":\"{ApplyLab.Digest('c')}\"}}]");
        lab.Apply(manifest);
        var revision = lab.Document!.Revisions.Single();
        (revision.BundleSourceUri, revision.BundleDigest, revision.PackList.Length).ShouldBe(("oci://ghcr.io/x/y:v1", ApplyLab.Digest('c').ToString(), 0));
        lab.Plan(manifest).Changed.ShouldBe(0);
    }

    [Fact]
    public void A_wrong_digest_is_a_conflict_before_anything_happens()
    {
        var manifest = ApplyLab.Local($"\"bundles\":[{{\"bundle_id\":\"main\",\"bundle_path\":\"a\",\"bundle_digest\":\"{ApplyLab.Digest('c')}\"}}]");
        new ApplyLab().With("a", 'a').TryPlan(manifest).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("bundles[0].bundle_digest");
    }

    [Fact]
    public void What_is_missing_is_listed_and_refused_at_the_gate()
    {
        var lab = new ApplyLab { Facts = new ApplyFacts() };
        var plan = lab.Plan(ApplyLab.Local("""
            "secrets":[{"path":"acme/_/p/a","from_env":"NOPE"},{"path":"acme/_/p/b"}],
            "bundles":[{"bundle_id":"main","bundle_path":"a"},{"bundle_id":"far","bundle_source_uri":"oci://x/y"}]
            """));
        plan.Missing.ShouldBe(
        [
            new MissingInput("secret_value", "acme/_/p/a", "env:NOPE"), new MissingInput("secret_value", "acme/_/p/b", "paste"),
            new MissingInput("bundle_artifact", "main", "path:a"), new MissingInput("bundle_artifact", "far", "uri:oci://x/y"),
        ]);
        plan.RefuseMissing().ShouldNotBeNull();
    }

    [Fact]
    public void A_secret_is_put_every_time_and_is_no_drift()
    {
        var manifest = ApplyLab.Local("\"secrets\":[{\"path\":\"acme/_/p/a\",\"from_env\":\"BOT\"}]");
        var lab = new ApplyLab();
        lab.Apply(manifest);
        var again = lab.Plan(manifest);
        (again.Changed, again.Undiffable).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData("greentic.secrets.vault@1.0.0")]
    public void Secrets_need_the_dev_store(string kind) => new ApplyLab()
        .TryPlan(ApplyLab.Local($"\"packs\":[{{\"slot\":\"secrets\",\"kind\":\"{kind}\",\"pack_ref\":\"builtin\"}}],\"secrets\":[{{\"path\":\"acme/_/p/a\"}}]"))
        .Refusal.ShouldBeOfType<Refusal.Conflict>();

    [Fact]
    public void Another_customers_bundle_is_not_taken_over()
    {
        var lab = new ApplyLab { Document = DeploymentVerbs.Add(EnvironmentVerbs.CreateLocal(), Sample.AddCommand() with { CustomerId = "acme" }, Sample.Now).Value.Document };
        lab.With("a", 'a').TryPlan(ApplyLab.Local(Single)).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("acme");
    }

    [Fact]
    public void An_endpoint_name_belongs_to_one_provider()
    {
        var lab = new ApplyLab();
        lab.Apply(ApplyLab.Local("\"messaging_endpoints\":[{\"name\":\"bot\",\"provider_type\":\"slack\"}]"));
        lab.TryPlan(ApplyLab.Local("\"messaging_endpoints\":[{\"name\":\"bot\",\"provider_type\":\"teams\"}]")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        lab.TryPlan(ApplyLab.Local("\"messaging_endpoints\":[{\"name\":\"x\",\"provider_type\":\"slack\",\"links\":[\"nowhere\"]}]")).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public void Changed_secret_refs_are_updated()
    {
        var lab = new ApplyLab();
        lab.Apply(ApplyLab.Local("\"messaging_endpoints\":[{\"name\":\"bot\",\"provider_type\":\"slack\",\"secret_refs\":[\"secret://local/a\"]}]"));
        lab.Apply(ApplyLab.Local("\"messaging_endpoints\":[{\"name\":\"bot\",\"provider_type\":\"slack\",\"secret_refs\":[\"secret://local/b\"]}]")).Changed.ShouldBe(1);
        lab.Document!.MessagingEndpoints.Single().SecretRefs.ShouldBe(["secret://local/b"]);
    }

    [Fact]
    public void Cluster_and_vault_are_warned_about_and_left_alone()
    {
        var plan = new ApplyLab().Plan(ApplyLab.Local("\"cluster\":{\"provider\":\"kind\",\"name\":\"c\"},\"vault_bootstrap\":{\"deploy\":\"external\"}"));
        plan.Warnings.Length.ShouldBe(2);
        plan.Steps.ShouldAllBe(step => step.Kind == StepKinds.EnsureEnvironment || step.Action == StepAction.NoOp);
    }

    [Fact]
    public void Updates_trust_the_fleet_only_at_the_fleets_endpoint()
    {
        var lab = new ApplyLab();
        lab.Apply(ApplyLab.Local("\"updates\":{}")).Steps.OfType<ApplyStep.TrustDid>().Single().Did.ShouldBe("did:web:trust.greentic.cloud");
        lab.Facts.UpdateChannel!.ResolveEnabled().ShouldBeTrue();
        lab.Plan(ApplyLab.Local("\"updates\":{}")).Changed.ShouldBe(0);
        new ApplyLab().Plan(ApplyLab.Local("\"updates\":{\"trust_did\":null}")).Steps.OfType<ApplyStep.TrustDid>().ShouldBeEmpty();
        new ApplyLab().Plan(ApplyLab.Local("\"updates\":{\"plan_endpoint\":\"https://u.test/plan\"}")).Steps.OfType<ApplyStep.TrustDid>().ShouldBeEmpty();
    }

    [Fact]
    public void Steps_come_in_their_order_and_keys_depend_on_the_wish_alone()
    {
        var lab = Whole();
        var manifest = new RandomManifest(7).Next(lab, withEverything: true);
        var first = lab.Plan(manifest);
        Sections(first).ShouldBe(Sections(first).Order());
        first.Steps.Select(step => step.IdempotencyKey).Distinct().Count().ShouldBe(first.Steps.Length);
        lab.Plan(manifest).Steps.Select(step => step.IdempotencyKey).ShouldBe(first.Steps.Select(step => step.IdempotencyKey));
    }

    [Fact]
    public void A_key_is_the_documented_derivation()
    {
        // Reference: printf 'greentic.env-manifest.v1\0local\0deploy-bundle\0main/local-dev\0abc\0' | sha256sum
        var bytes = System.Security.Cryptography.SHA256.HashData("greentic.env-manifest.v1\0local\0deploy-bundle\0main/local-dev\0abc\0"u8);
        StepKinds.IdempotencyKey(EnvId.Local, "deploy-bundle", "main/local-dev", "abc").ShouldBe(Ulid.FromBytes(bytes.AsSpan(0, 16)).ToString());
        Ulid.FromBytes(Convert.FromHexString("ffffffffffffffffffffffffffffffff")).ToString().ShouldBe("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    }

    [Fact]
    public void Any_manifest_converges_in_one_apply() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new RandomManifest(seed);
        var lab = Whole();
        for (var turn = 0; turn < 4; turn++)
        {
            var manifest = random.Next(lab);
            lab.Apply(manifest);
            lab.Document = Documents.Environment.Parse(Documents.Environment.ToFile(lab.Document!)).Value;
            var again = lab.Plan(manifest);
            again.Changed.ShouldBe(0, $"{manifest}\n{string.Join('\n', again.Steps.Where(step => step.Action != StepAction.NoOp))}");
        }
    }).QuickCheckThrowOnFailure();

    private static ApplyLab Whole() => new ApplyLab { Document = Sample.Empty("staging") }.With("a", 'a').With("b", 'b').With("c", 'c');

    /// <summary>Sections come one after the other; within one, entries come in the manifest's order.</summary>
    private static IEnumerable<int> Sections(ApplyPlan plan) => plan.Steps.Select(step => step.Kind switch
    {
        StepKinds.EnsureEnvironment => 0,
        StepKinds.UpdateHostConfig => 1,
        StepKinds.BootstrapTrustRoot => 2,
        StepKinds.AddPackBinding or StepKinds.UpdatePackBinding => 3,
        StepKinds.PutSecret => 4,
        StepKinds.DeployBundle or StepKinds.DeploySplit or StepKinds.UpdateBundle => 5,
        StepKinds.AddExtension or StepKinds.UpdateExtension => 6,
        StepKinds.AddEndpoint or StepKinds.LinkEndpoint or StepKinds.SetWelcomeFlow => 7,
        StepKinds.TrustDid => 8,
        _ => 9,
    });
}
