using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Packs;

public sealed class Routes_of_a_pack_are_read
{
    private static readonly TenantSelector Acme = new() { Tenant = "acme", Team = "sales" };

    [Theory]
    [InlineData("/a/b", "/a/b", true)]
    [InlineData("/a/b", "/a/b/", false)]
    [InlineData("/a/b", "/a", false)]
    [InlineData("/a/b", "/a/B", false)]
    [InlineData("/a/{id}", "/a/7", true)]
    [InlineData("/a/{id}", "/a/", false)]
    [InlineData("/a/{id}", "/a/7/8", false)]
    [InlineData("/a/*", "/a", true)]
    [InlineData("/a/*", "/a/", true)]
    [InlineData("/a/{path*}", "/a/7/8", true)]
    [InlineData("/a/{path*}", "/b/7/8", false)]
    [InlineData("/*", "/", true)]
    [InlineData("/{tenant}/{team}", "/acme/sales", true)]
    [InlineData("/{tenant}/{team}", "/acme/other", false)]
    [InlineData("/{tenant}/*", "/other/x", false)]
    public void A_path_is_one_of_its_pattern(string pattern, string path, bool matches) =>
        Read($$"""[{"pattern":"{{pattern}}","methods":["GET"]}]""").Value.Single().Matches(path, Acme).ShouldBe(matches);

    [Fact]
    public void What_is_not_said_is_the_usual_and_the_most_specific_come_first()
    {
        var routes = Read("""[{"pattern":"/a/*","methods":["get","GET","Post"]},{"pattern":"/a/{id}","methods":["GET"],"id":"one","provider_op":"answer","domain":"oauth"},{"pattern":"/a/b","methods":["GET"]}]""").Value;
        routes.Select(route => route.Pattern).ShouldBe(["/a/b", "/a/{id}", "/a/*"]);
        routes[2].ShouldSatisfyAllConditions(
            route => route.Id.ShouldBe("/a/*"), route => route.Methods.ShouldBe(["GET", "POST"]), route => route.Operation.ShouldBe("ingest_http"), route => route.IsMessaging.ShouldBeTrue());
        routes[1].ShouldSatisfyAllConditions(route => route.Id.ShouldBe("one"), route => route.Operation.ShouldBe("answer"), route => route.IsMessaging.ShouldBeFalse());
        Read(null).Value.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""[{"pattern":"a","methods":["GET"]}]""", "starts with a slash")]
    [InlineData("""[{"pattern":"/a/*/b","methods":["GET"]}]""", "may be its last one")]
    [InlineData("""[{"pattern":"/a//b","methods":["GET"]}]""", "starts with a slash")]
    [InlineData("""[{"pattern":"/../b","methods":["GET"]}]""", "starts with a slash")]
    [InlineData("""[{"pattern":"/a b","methods":["GET"]}]""", "starts with a slash")]
    [InlineData("""[{"pattern":"/a","methods":[]}]""", "1 to 16 methods")]
    [InlineData("""[{"pattern":"/a","methods":["G T"]}]""", "1 to 16 methods")]
    [InlineData("""[{"pattern":"/a","methods":["GET"],"domain":"mail"}]""", "messaging, events, secrets, oauth")]
    public void What_cannot_be_served_is_refused(string routes, string expected) => Read(routes).Refusal!.Message.ShouldContain(expected);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Their_number_and_the_length_of_a_pattern_are_bounded(int beyond, bool isOk)
    {
        Read($"[{string.Join(',', Enumerable.Range(0, HttpRoute.MaxRoutes + beyond).Select(number => $$"""{"pattern":"/{{number}}","methods":["GET"]}"""))}]").IsOk.ShouldBe(isOk);
        Read($$"""[{"pattern":"/{{new string('x', HttpRoute.MaxPattern - 1 + beyond)}}","methods":["GET"]}]""").IsOk.ShouldBe(isOk);
    }

    private static Outcome<System.Collections.Immutable.ImmutableArray<HttpRoute>> Read(string? routes)
    {
        var manifest = new PackManifest { PackId = "p", Version = "1.0.0", Kind = "application", Publisher = "tests" };
        return HttpRoute.ReadAll(routes is null ? manifest : manifest with
        {
            Extensions = manifest.Extensions.Add(HttpRoute.Extension, new(HttpRoute.Extension, "1", JsonElement.Parse($$"""{"schema_version":1,"routes":{{routes}}}"""))),
        });
    }
}
