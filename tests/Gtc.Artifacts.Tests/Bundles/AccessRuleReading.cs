using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Artifacts.Bundles;

namespace Gtc.Artifacts.Tests.Bundles;

public sealed class AccessRuleReading
{
    [Fact]
    [Trait("fact", "bundle-format:5.3")]
    public void The_real_file_of_14_bytes_holds_one_rule_that_forbids_everything()
    {
        var content = "_ = forbidden"u8.ToArray();
        var withLineEnd = "_ = forbidden\n"u8.ToArray();
        withLineEnd.Length.ShouldBe(14);

        foreach (var bytes in new[] { content, withLineEnd })
        {
            var rule = AccessRules.Parse(bytes, "tenant.gmap").Value.Rules.ShouldHaveSingleItem();
            (rule.Rank, rule.Policy).ShouldBe((0, AccessPolicy.Forbidden));
        }
    }

    [Theory]
    [InlineData("_=public", 0)]
    [InlineData("p/_ = public", 2)]
    [InlineData("p = public", 3)]
    [InlineData("p/f = public", 4)]
    [InlineData("  p/f/n   =   public  ", 5)]
    public void The_form_of_a_path_gives_its_rank(string line, int rank) => Parse(line).Rules.ShouldHaveSingleItem().Rank.ShouldBe(rank);

    [Theory]
    [InlineData("p/f/n/x = public")]
    [InlineData("p = maybe")]
    [InlineData("p public")]
    [InlineData("= public")]
    [InlineData("p// = public")]
    [InlineData("_/f = public")]
    [InlineData("p/_/n = public")]
    [InlineData("a b = public")]
    public void What_is_not_a_rule_is_refused_with_its_line(string line)
        => AccessRules.Parse(Encoding.UTF8.GetBytes($"# head\n\n{line}\n"), "t.gmap").Refusal!.Message.ShouldBe("t.gmap line 3 is not a rule");

    [Theory]
    [InlineData("_ = public\np = forbidden", "p", null, AccessPolicy.Forbidden)]
    [InlineData("p = forbidden\n_ = public", "p", null, AccessPolicy.Forbidden)]
    [InlineData("p = forbidden\np = public", "p", null, AccessPolicy.Public)]
    [InlineData("p/f = public\np = forbidden", "p", "f", AccessPolicy.Public)]
    [InlineData("p/f = public\np = forbidden", "p", "g", AccessPolicy.Forbidden)]
    [InlineData("p/_ = public", "p", "f", AccessPolicy.Public)]
    [InlineData("p/_ = public", "q", "f", null)]
    [InlineData("p/f/n = public", "p", "f", null)]
    public void The_most_specific_rule_decides_and_the_later_line_breaks_a_tie(string rules, string pack, string? flow, AccessPolicy? expected)
        => AccessRules.Decide(Parse(rules), null, pack, flow).ShouldBe(expected);

    [Fact]
    public void A_rule_of_the_team_beats_any_of_the_tenant()
    {
        AccessRules.Decide(Parse("p/f/n = forbidden"), Parse("_ = public"), "p", "f", "n").ShouldBe(AccessPolicy.Public);
        AccessRules.Decide(Parse("p = forbidden"), Parse("q = public"), "p").ShouldBe(AccessPolicy.Forbidden);
        AccessRules.Decide(AccessRules.None, null, "p").ShouldBeNull();
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_whatever_decides_covers_its_target()
    {
        var line = Gen.OneOf(
            Gen.Elements("_ = public", "p = forbidden", "p/_=public", "p/f = public", "p/f/n = forbidden", "# note", "", "q/f = public", "_ = forbidden"),
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? string.Empty));
        var files = Gen.Choose(0, 8).SelectMany(count => Gen.ArrayOf(line, count)).Select(lines => string.Join('\n', lines));
        Prop.ForAll(files.ToArbitrary(), text =>
        {
            var parsed = AccessRules.Parse(Encoding.UTF8.GetBytes(text), "x");
            if (!parsed.IsOk)
            {
                return true;
            }

            var rules = parsed.Value;
            var best = rules.Rules
                .Where(rule => rule.Pack is null || (rule.Pack == "p" && (rule.Flow is null or "_" || (rule.Flow == "f" && (rule.Node is null or "n")))))
                .OrderBy(rule => rule.Rank).ThenBy(rule => rule.Line).LastOrDefault();
            return AccessRules.Decide(rules, null, "p", "f", "n") == best?.Policy;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static AccessRules Parse(string text) => AccessRules.Parse(Encoding.UTF8.GetBytes(text), "t.gmap").Value;
}
