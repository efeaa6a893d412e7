using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Routing.Tests.Previews;

public sealed class A_request_finds_its_preview
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly DeploymentId Shop = new(Id(1));
    private static readonly DeploymentId Blog = new(Id(2));
    private static readonly RevisionId Old = new(Id(10));
    private static readonly RevisionId New = new(Id(11));
    private static readonly RevisionId Post = new(Id(12));

    private readonly EnvironmentDocument _document;

    /// <summary>A shop below /shop with two revisions, and a blog at the root that is not routed yet; the newer shop and the blog are previewed.</summary>
    public A_request_finds_its_preview()
    {
        var document = EnvironmentVerbs.CreateLocal();
        document = Stage(Stage(Deploy(document, Shop, "shop", "/shop"), Shop, Old), Shop, New);
        document = Stage(Deploy(document, Blog, "blog", "/"), Blog, Post);
        document = TrafficVerbs.Set(document, new SetTraffic { DeploymentId = Shop, Entries = [new TrafficShare { RevisionId = Old, WeightBps = 10_000 }], UpdatedBy = "op", IdempotencyKey = "1" }, Now).Value.Document;
        _document = Preview(Preview(document, Shop, New, "new", "next.test"), Blog, Post, "post", null);
    }

    [Theory]
    [InlineData("any.test", "/shop", "new", "", "New")]
    [InlineData("any.test:8080", "/shop/cart", "new", "", "New")]
    [InlineData("any.test", "/shop", "new", "next", "New")]
    [InlineData("any.test", "/shop", "new", "NEXT", "New")]
    [InlineData("any.test", "/shop", "new", "stable", "")]
    [InlineData("any.test", "/shop", "neW", "", "")]
    [InlineData("any.test", "/shop", "", "", "")]
    [InlineData("any.test", "/", "new", "", "")]
    [InlineData("any.test", "/", "post", "", "Post")]
    [InlineData("any.test", "/shop", "post", "", "")]
    [InlineData("next.test", "/shop", "", "", "New")]
    [InlineData("NEXT.test:443", "/shop/x", "wrong", "stable", "New")]
    [InlineData("next.test", "/", "", "", "closed")]
    [InlineData("next.test", "/shops", "new", "", "closed")]
    public void By_its_host_or_by_a_token_where_its_deployment_is_bound(string host, string path, string token, string named, string expected) =>
        Find(Table(), host, path, token, named).ShouldBe(expected);

    [Fact]
    public void A_name_beside_the_token_must_be_its_own()
    {
        Find(Table(), "any.test", "/shop", "new", New.ToString().ToLowerInvariant()).ShouldBe("New");
        Find(Table(), "any.test", "/shop", "new", Old.ToString()).ShouldBe("");
    }

    [Fact]
    public void Once_it_is_over_its_token_opens_nothing_and_its_host_leads_nowhere()
    {
        var table = Table();
        var end = Now + AddPreview.DefaultLifetime;
        Find(table, "any.test", "/shop", "new", "", end.AddSeconds(-1)).ShouldBe("New");
        table.Previews!.HasLapsed(end.AddSeconds(-1)).ShouldBeFalse();
        Find(table, "any.test", "/shop", "new", "", end).ShouldBe("");
        Find(table, "next.test", "/shop", "", "", end).ShouldBe("closed");
        table.Previews!.HasLapsed(end).ShouldBeTrue();
        Table(end).Previews!.HasLapsed(end).ShouldBeFalse();
        Table(end).States.Select(state => state.Revision).ShouldBe([Old]);
    }

    [Fact]
    public void A_revision_that_is_kept_no_more_and_a_deployment_that_is_paused_are_not_shown()
    {
        var gone = _document with { Revisions = [.. _document.Revisions.Select(revision => revision.RevisionId == New ? revision with { Lifecycle = RevisionLifecycle.Inactive } : revision)] };
        var paused = DeploymentVerbs.Update(_document, new UpdateDeployment { DeploymentId = Shop, Status = DeploymentStatus.Paused }).Value.Document;
        foreach (var document in new[] { gone, paused })
        {
            Find(Table(Now, document), "any.test", "/shop", "new", "").ShouldBe("");
            Find(Table(Now, document), "next.test", "/shop", "", "").ShouldBe("closed");
        }
    }

    [Fact]
    public void Without_previews_nothing_is_asked() => new RoutingTable([]).Previews.ShouldBeNull();

    [Fact]
    public void A_decision_by_preview_sets_no_cookie() => Table().Previews!.All[0].Dispatch.SetsCookie.ShouldBeFalse();

    [Fact]
    public void Looking_allocates_nothing()
    {
        var previews = Table().Previews!;
        var token = "wrong"u8.ToArray();
        previews.Find("any.test"u8, "/shop"u8, token, default, Now, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1000; number++)
        {
            previews.Find("any.test"u8, "/shop"u8, token, default, Now, out _);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static string Find(RoutingTable table, string host, string path, string token, string named, DateTimeOffset? now = null)
    {
        var found = table.Previews!.Find(Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(token), Encoding.ASCII.GetBytes(named), now ?? Now, out var isClosed);
        return isClosed ? "closed" : found is null ? "" : found.Revision.Revision == New ? "New" : "Post";
    }

    private RoutingTable Table(DateTimeOffset? now = null, EnvironmentDocument? document = null)
    {
        document ??= _document;
        var states = new Dictionary<RevisionId, RevisionState>();
        RevisionState StateOf(RevisionId id) => states.TryGetValue(id, out var state) ? state : states[id] = new RevisionState(id);
        var route = DeploymentRoute.Of(document, document.Bundles.Single(bundle => bundle.DeploymentId == Shop), RuntimeProjection.Project(document).Revisions, StateOf);
        return new RoutingTable([route], PreviewRoute.Of(document, [route], StateOf, now ?? Now));
    }

    private static EnvironmentDocument Deploy(EnvironmentDocument document, DeploymentId id, string bundle, string prefix) => DeploymentVerbs.Add(document, new AddDeployment
    {
        DeploymentId = id,
        BundleId = bundle,
        CustomerId = DeploymentVerbs.LocalCustomer,
        RouteBinding = new RouteBinding { PathPrefixes = [prefix], TenantSelector = TenantSelector.Default },
        RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
    }, Now).Value.Document;

    private static EnvironmentDocument Stage(EnvironmentDocument document, DeploymentId deployment, RevisionId id)
    {
        var staged = RevisionVerbs.Stage(document, new StageRevision { RevisionId = id, DeploymentId = deployment, BundleDigest = "sha256:00", PackListLockRef = "lock" }, Now).Value.Document;
        return RevisionVerbs.Warm(staged, id, HealthGate.Passed, Now).Value.Document;
    }

    private static EnvironmentDocument Preview(EnvironmentDocument document, DeploymentId deployment, RevisionId revision, string token, string? host) => PreviewVerbs.Add(document, new AddPreview
    {
        DeploymentId = deployment,
        RevisionId = revision,
        Host = host,
        TokenHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))),
    }, Now).Value.Document;

    private static Ulid Id(byte number) => Ulid.From(Now, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);
}
