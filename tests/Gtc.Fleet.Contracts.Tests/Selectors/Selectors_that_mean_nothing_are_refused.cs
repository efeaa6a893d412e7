namespace Gtc.Fleet.Contracts.Tests.Selectors;

public class Selectors_that_mean_nothing_are_refused
{
    [Theory]
    [InlineData("Near", new[] { "x" }, "operator", "`Near`")]
    [InlineData("in", new[] { "x" }, "operator", "`in`")]
    [InlineData("In", new string[0], "values", "0 values")]
    [InlineData("NotIn", new string[0], "values", "1 to 256")]
    [InlineData("Exists", new[] { "x" }, "values", "none were expected")]
    [InlineData("DoesNotExist", new[] { "x" }, "values", "1 values")]
    [InlineData("In", new[] { "a b" }, "values[0]", "`a b`")]
    public void An_expression(string verb, string[] values, string path, string message)
    {
        var problem = new LabelSelector { MatchExpressions = [new() { Key = "a", Operator = verb, Values = [.. values] }] }.FindProblems().ShouldHaveSingleItem();

        problem.Fault.ShouldBe(ContractFault.InvalidSelector);
        problem.Path.ShouldBe($"matchExpressions[0].{path}");
        problem.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("/a")]
    [InlineData("Ex.com/a")]
    [InlineData("a/b/c")]
    [InlineData("a b")]
    public void A_key(string key) =>
        SelectorText.ParseExpression(key.Length == 0 ? "!" : key).IsOk.ShouldBeFalse();

    [Theory]
    [InlineData("group in (lab, office)", "group in (lab,office)")]
    [InlineData("group in (lab)", "group=lab")]
    [InlineData("group notin(lab)", "group notin (lab)")]
    [InlineData(" example.com/tier ", "example.com/tier")]
    [InlineData("!broken", "!broken")]
    public void What_people_type_is_read(string typed, string read) =>
        new LabelSelector { MatchExpressions = [SelectorText.ParseExpression(typed).Value] }.Compile().Value.ToString().ShouldBe(read);

    [Theory]
    [InlineData("")]
    [InlineData("group = lab")]
    [InlineData("group within (lab)")]
    [InlineData("group in lab")]
    [InlineData("group in ()")]
    [InlineData("group in (a b)x")]
    [InlineData("in (a)")]
    public void What_nobody_can_read_is_told(string typed) => SelectorText.ParseExpression(typed).IsOk.ShouldBe(typed == "group in ()");

    [Fact]
    public void Labels_of_several_flags_are_one_set()
    {
        var labels = SelectorText.ParseLabels(["group=lab,rack=7", "group=lab", "empty="]).Value;

        string.Join(' ', labels.Select(label => $"{label.Key}={label.Value}")).ShouldBe("empty= group=lab rack=7");
    }

    [Theory]
    [InlineData("group=lab,group=office", "twice")]
    [InlineData("group", "key=value")]
    [InlineData("=x", "key=value")]
    [InlineData("group=a b", "`a b`")]
    public void Labels_that_no_device_can_have_are_told(string typed, string message) => SelectorText.ParseLabels([typed]).Error.ShouldNotBeNull().Message.ShouldContain(message);

    [Fact]
    public void A_verdict_says_what_was_found_and_wanted()
    {
        var selector = new LabelSelector
        {
            MatchExpressions =
            [
                new() { Key = "group", Operator = "In", Values = ["lab", "attic"] },
                new() { Key = "arch", Operator = "NotIn", Values = ["arm"] },
                new() { Key = "gpu", Operator = "Exists" },
                new() { Key = "broken", Operator = "DoesNotExist" },
            ],
        }.Compile().Value;

        selector.Explain(new Dictionary<string, string> { ["group"] = "office", ["arch"] = "arm", ["broken"] = "yes" }).Select(verdict => verdict.Reason).ShouldBe(
        [
            "group is `office`, `attic` or `lab` was wanted",
            "arch is `arm`, anything but `arm` was wanted",
            "there is no label gpu, any value was wanted",
            "broken is `yes`, no such label was wanted",
        ]);
    }
}
