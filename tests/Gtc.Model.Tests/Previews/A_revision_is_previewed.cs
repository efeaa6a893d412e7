using System.Text;

namespace Gtc.Model.Tests.Previews;

public sealed class A_revision_is_previewed
{
    private static readonly string Hash = new('a', 64);
    private static readonly string OtherHash = new('b', 64);

    [Fact]
    public void Once_per_revision_and_adding_again_replaces_token_host_and_end()
    {
        var first = PreviewVerbs.Add(Sample.WithReadyRevisions(), Command(host: "next.a.test"), Sample.Now).Value;
        first.Preview.ExpiresAt.ShouldBe(Sample.Now.AddHours(24));
        var second = PreviewVerbs.Add(first.Document, Command(OtherHash) with { Lifetime = TimeSpan.FromMinutes(5) }, Sample.Now).Value;
        var only = second.Deployment.Previews.ShouldNotBeNull().ShouldHaveSingleItem();
        (only.HeaderTokenHash, only.Host, only.ExpiresAt).ShouldBe((OtherHash, null, Sample.Now.AddMinutes(5)));
        var removed = PreviewVerbs.Remove(second.Document, Sample.Deployment, Sample.RevisionA).Value;
        removed.Deployment.Previews.ShouldBeNull();
        PreviewVerbs.Remove(removed.Document, Sample.Deployment, Sample.RevisionA).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void A_document_without_previews_says_nothing_of_them_and_one_with_them_keeps_what_it_does_not_know()
    {
        Encoding.UTF8.GetString(Documents.Environment.ToFile(Sample.WithReadyRevisions())).ShouldNotContain("previews");
        var document = PreviewVerbs.Add(Sample.WithReadyRevisions(), Command(), Sample.Now).Value.Document;
        var text = Encoding.UTF8.GetString(Documents.Environment.ToFile(document)).Replace("\"header_token_hash\"", "\"colour\": \"blue\",\n          \"header_token_hash\"", StringComparison.Ordinal);
        var read = Documents.Environment.Parse(Encoding.UTF8.GetBytes(text)).Value;
        Encoding.UTF8.GetString(Documents.Environment.ToFile(read)).ShouldContain("\"colour\": \"blue\"");
        Documents.Environment.Parse(Encoding.UTF8.GetBytes(text.Replace("\"previews\": [", "\"previews\": [ null,", StringComparison.Ordinal))).Refusal.ShouldNotBeNull().Message.ShouldContain("bundles.previews holds null");
    }

    [Theory]
    [InlineData(RevisionLifecycle.Warming, true)]
    [InlineData(RevisionLifecycle.Ready, true)]
    [InlineData(RevisionLifecycle.Draining, true)]
    [InlineData(RevisionLifecycle.Staged, false)]
    [InlineData(RevisionLifecycle.Inactive, false)]
    [InlineData(RevisionLifecycle.Failed, false)]
    [InlineData(RevisionLifecycle.Archived, false)]
    public void Only_one_that_was_checked_and_is_kept(RevisionLifecycle lifecycle, bool isAllowed)
    {
        var document = Sample.WithReadyRevisions();
        document = document with { Revisions = [.. document.Revisions.Select(revision => revision with { Lifecycle = lifecycle })] };
        (PreviewVerbs.Add(document, Command(), Sample.Now).Refusal is Refusal.Conflict).ShouldBe(!isAllowed);
    }

    [Theory]
    [InlineData("next.shop.example.com", true)]
    [InlineData("next", true)]
    [InlineData("a--b.test", true)]
    [InlineData("Next.test", false)]
    [InlineData("next.test:80", false)]
    [InlineData("next.test.", false)]
    [InlineData("-a.test", false)]
    [InlineData("a-.test", false)]
    [InlineData("a_b.test", false)]
    [InlineData("a..test", false)]
    [InlineData("", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("é.test", false)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.test", false)]
    public void A_host_is_a_name_in_lower_case(string host, bool isOne)
    {
        PreviewRules.IsHost(host).ShouldBe(isOne);
        PreviewVerbs.Add(Sample.WithReadyRevisions(), Command(host: host), Sample.Now).IsOk.ShouldBe(isOne);
    }

    [Fact]
    public void A_host_that_a_route_or_another_preview_has_is_refused_whichever_came_first()
    {
        var document = Sample.WithReadyRevisions();
        var bound = new RouteBinding { Hosts = ["Shop.test"], TenantSelector = TenantSelector.Default };
        var routed = DeploymentVerbs.Update(document, new UpdateDeployment { DeploymentId = Sample.Deployment, RouteBinding = bound }).Value.Document;
        Sample.Code(PreviewVerbs.Add(routed, Command(host: "shop.test"), Sample.Now).Refusal).ShouldBe("PreviewHostTaken");
        var previewed = PreviewVerbs.Add(document, Command(host: "shop.test"), Sample.Now).Value.Document;
        Sample.Code(DeploymentVerbs.Update(previewed, new UpdateDeployment { DeploymentId = Sample.Deployment, RouteBinding = bound }).Refusal).ShouldBe("PreviewHostTaken");
        Sample.Code(PreviewVerbs.Add(previewed, Command(OtherHash, "shop.test") with { RevisionId = Sample.RevisionB }, Sample.Now).Refusal).ShouldBe("PreviewHostTaken");
    }

    [Fact]
    public void Its_end_is_bounded_and_those_that_are_over_make_room()
    {
        var document = Sample.WithReadyRevisions();
        PreviewVerbs.Add(document, Command() with { Lifetime = TimeSpan.FromSeconds(59) }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        PreviewVerbs.Add(document, Command() with { Lifetime = TimeSpan.FromDays(31) }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        var first = PreviewVerbs.Add(document, Command(), Sample.Now).Value.Document;
        var later = PreviewVerbs.Add(first, Command(OtherHash) with { RevisionId = Sample.RevisionB }, Sample.Now.AddDays(2)).Value;
        later.Deployment.Previews.ShouldNotBeNull().ShouldHaveSingleItem().RevisionId.ShouldBe(Sample.RevisionB);
    }

    [Fact]
    public void A_document_with_a_broken_one_is_refused()
    {
        var change = PreviewVerbs.Add(Sample.WithReadyRevisions(), Command(), Sample.Now).Value;
        string? CodeOf(params RevisionPreview[] previews) =>
            Sample.Code(EnvironmentRules.Validate(change.Document with { Bundles = [change.Deployment with { Previews = [.. previews] }] }));
        CodeOf(change.Preview).ShouldBeNull();
        CodeOf(change.Preview, change.Preview).ShouldBe("DuplicatePreview");
        CodeOf([.. Enumerable.Repeat(change.Preview, PreviewRules.MaxPerDeployment + 1)]).ShouldBe("PreviewsTooMany");
        CodeOf(change.Preview with { HeaderTokenHash = new string('A', 64) }).ShouldBe("PreviewTokenHashInvalid");
        CodeOf(change.Preview with { HeaderTokenHash = "aa" }).ShouldBe("PreviewTokenHashInvalid");
        CodeOf(change.Preview with { Host = "UP.test" }).ShouldBe("PreviewHostInvalid");
        CodeOf(change.Preview with { RevisionId = new RevisionId(Sample.Id(99)) }).ShouldBe("PreviewUnknownRevision");
    }

    [Fact]
    public void An_archived_revision_loses_its_preview()
    {
        var document = PreviewVerbs.Add(Sample.WithReadyRevisions(), Command(), Sample.Now).Value.Document;
        RevisionVerbs.Archive(document, Sample.RevisionA).Value.Document.Bundles.Single().Previews.ShouldBeNull();
    }

    [Fact]
    public void A_diff_of_environments_shows_it()
    {
        var document = Sample.WithReadyRevisions();
        var after = PreviewVerbs.Add(document, Command(host: "next.a.test"), Sample.Now).Value.Document;
        EnvironmentDiff.Between(document, after).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            change => change.Subject.ShouldEndWith($"{Sample.RevisionA}/preview"),
            change => change.After.ShouldBe("next.a.test"));
    }

    private static AddPreview Command(string? hash = null, string? host = null) =>
        new() { DeploymentId = Sample.Deployment, RevisionId = Sample.RevisionA, TokenHash = hash ?? Hash, Host = host };
}
