using System.Text;
using Gtc.Artifacts.Bundles;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Bundles;

public sealed class BundleDocumentReading
{
    private const string Minimal = """
        {"format_version":"gtbundle-v1","bundle_id":"b","bundle_name":"b","requested_mode":"create","artifact_extension":".gtbundle",
         "app_packs":[],"extension_providers":["oci://r/x@sha256:dead"]}
        """;

    [Fact]
    public void The_smallest_manifest_is_read_and_its_missing_lists_are_empty()
    {
        var manifest = BundleManifest.Read(Encoding.UTF8.GetBytes(Minimal)).Value;

        manifest.BundleId.ShouldBe("b");
        manifest.ExtensionProviders.ShouldBe(["oci://r/x@sha256:dead"]);
        manifest.ResolvedTargets.ShouldBeEmpty();
        manifest.Hooks.ShouldBeEmpty();
    }

    [Fact]
    public void A_full_manifest_is_read_and_what_nobody_knows_is_ignored()
    {
        var manifest = BundleManifest.Read("""
            {"format_version":"gtbundle-v1","bundle_id":"m5.t","bundle_name":"m5-t","requested_mode":"create","locale":"en","artifact_extension":".gtbundle",
             "app_packs":["/abs/of/the/build/machine"],"extension_providers":[],"hooks":null,"from_the_future":{"a":1},
             "resolved_targets":[{"path":"resolved/d.yaml","tenant":"d","team":"t","default_policy":"forbidden","tenant_gmap":"tenants/d/tenant.gmap",
               "team_gmap":"tenants/d/teams/t/team.gmap","app_pack_policies":[{"reference":"./packs/p","policy":"public"}]}]}
            """u8).Value;

        var target = manifest.ResolvedTargets.ShouldHaveSingleItem();
        (target.Tenant, target.Team, target.DefaultPolicy).ShouldBe(("d", "t", "forbidden"));
        target.AppPackPolicies.ShouldHaveSingleItem().ShouldBe(new AppPackPolicy("./packs/p", "public"));
    }

    [Theory]
    [InlineData("gtbundle-v1", "gtbundle-v2", "format_version must be gtbundle-v1")]
    [InlineData("\"bundle_id\":\"b\",", "", "bundle_id is missing")]
    [InlineData("[]", "{}", "app_packs must be a list")]
    [InlineData("\"app_packs\":[]", "\"app_packs\":[1]", "app_packs[0] must be text, found 1")]
    public void A_wrong_manifest_says_where(string old, string with, string message)
        => BundleManifest.Read(Encoding.UTF8.GetBytes(Minimal.Replace(old, with, StringComparison.Ordinal))).Refusal!.Message.ShouldContain(message);

    [Fact]
    public void A_manifest_above_1_MiB_is_refused()
        => BundleManifest.Read(new byte[(1 << 20) + 1]).Refusal!.Message.ShouldContain("larger than 1048576 bytes");

    [Fact]
    [Trait("fact", "bundle-format:5.10")]
    public void A_bundle_without_a_manifest_is_refused()
    {
        using var folder = new BundleFolder();

        BundleManifest.ReadFrom(folder.Root).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldContain("bundle-manifest.json");

        folder.With("elsewhere.json", Minimal).Link(BundleManifest.Member, "elsewhere.json");
        BundleManifest.ReadFrom(folder.Root).Refusal!.Message.ShouldContain("symbolic link");
    }

    [Fact]
    public void A_lock_is_read_and_is_not_required()
    {
        using var folder = new BundleFolder();
        BundleLock.ReadFrom(folder.Root).Value.ShouldBeNull();
        folder.With(BundleLock.Member, """
            {"schema_version":1,"bundle_id":"b","tool_version":"0.5.0","build_format_version":"bundle-lock-v1","app_packs":[{"reference":"./packs/p"}],"extension_providers":[]}
            """);

        var read = BundleLock.ReadFrom(folder.Root).Value.ShouldNotBeNull();

        (read.BundleId, read.ToolVersion).ShouldBe(("b", "0.5.0"));
        read.AppPacks.ShouldHaveSingleItem().ShouldBe(new LockedReference("./packs/p", null));
    }

    [Fact]
    public void A_resolved_file_of_comments_is_as_good_as_none()
    {
        ResolvedPolicy.Read("# Resolved manifest placeholder\n"u8.ToArray(), "r").Value.ShouldBeNull();
        ResolvedPolicy.Read("- 1"u8.ToArray(), "r").IsOk.ShouldBeFalse();

        var policy = ResolvedPolicy.Read("""
            version: 1
            tenant: default
            policy:
              source:
                tenant_gmap: tenants/default/tenant.gmap
              default: forbidden
            catalogs:
              []
            app_packs:
              - reference: ./packs/p
                policy: public
            """u8.ToArray(), "r").Value.ShouldNotBeNull();

        (policy.Tenant, policy.Team, policy.DefaultPolicy).ShouldBe(("default", null, "forbidden"));
        policy.AppPacks.ShouldHaveSingleItem().Policy.ShouldBe("public");
    }
}
