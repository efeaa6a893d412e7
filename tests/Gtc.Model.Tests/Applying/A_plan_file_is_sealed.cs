using System.Text;
using System.Text.Json.Nodes;

namespace Gtc.Model.Tests.Applying;

public sealed class A_plan_file_is_sealed
{
    [Fact]
    public void It_tells_what_changes_and_who_moves()
    {
        var plan = Plan(out var lab);
        (plan.BaseGeneration, plan.EnvironmentId.ToString(), plan.Schema).ShouldBe((41ul, "local", "greentic.plan.v1"));
        plan.Traffic.Single().ShouldBe(new PlanTraffic(lab.Document!.Bundles.Single().DeploymentId, 10_000));
        plan.Changes.ShouldContain(change => change.Kind == ChangeKind.Added && change.Subject == "deployments/main@local-dev" && change.After == "active");
        plan.Changes.ShouldContain(change => change.Kind == ChangeKind.Added && change.Subject.StartsWith("deployments/main@local-dev/traffic/", StringComparison.Ordinal));
        plan.Objects[0].Name.ShouldBe("gtc-router");
    }

    [Fact]
    public void It_reads_back_and_holds_all_that_an_apply_needs()
    {
        var plan = Plan(out _);
        var file = PlanDocuments.ToFile(plan);
        var read = PlanDocuments.Parse(file).Value;
        PlanDocuments.ToFile(read).ShouldBe(file);
        read.ManifestDigest.ShouldBe(Gtc.Model.Manifests.Digest(read.Manifest));
        var indented = JsonNode.Parse(file)!.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
        PlanDocuments.Parse(Encoding.UTF8.GetBytes(indented)).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Any_altered_value_is_noticed()
    {
        var file = PlanDocuments.ToFile(Plan(out _));
        PlanDocuments.Parse(file).IsOk.ShouldBeTrue();
        var wounds = 0;
        for (var at = 0; at < file.Length; at++)
        {
            if (!char.IsAsciiLetterOrDigit((char)file[at]))
            {
                continue;
            }

            var altered = file.ToArray();
            altered[at] = (byte)(altered[at] == '1' ? '2' : '1');
            PlanDocuments.Parse(altered).IsOk.ShouldBeFalse();
            wounds++;
        }

        wounds.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void A_plan_without_a_seal_or_with_a_strange_member_is_refused()
    {
        var node = JsonNode.Parse(PlanDocuments.ToFile(Plan(out _)))!.AsObject();
        node.Remove("digest");
        PlanDocuments.Parse(Encoding.UTF8.GetBytes(node.ToJsonString())).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
        node["force"] = true;
        PlanDocuments.Parse(Encoding.UTF8.GetBytes(node.ToJsonString())).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("force");
    }

    private static PlanDocument Plan(out ApplyLab lab)
    {
        lab = new ApplyLab().With("a", 'a');
        var text = ApplyLab.Local(""" "bundles":[{"bundle_id":"main","bundle_path":"a","config_overrides":{"app":{"k":{"deep":[1,null]}}}}] """);
        var plan = lab.Plan(text);
        var after = plan.After(null, Sample.Now).Value;
        lab.Document = after;
        return PlanDocuments.Make(ApplyLab.Manifest(text), plan, null, after, new PlanOrigin(41), [new PlanObject("create", "Deployment", "gtc-router", "gtc-local"), new PlanObject("create", "Namespace", "gtc-local")]);
    }
}
