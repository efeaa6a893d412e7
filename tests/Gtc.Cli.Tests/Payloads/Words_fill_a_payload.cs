using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Cli.Payloads;

namespace Gtc.Cli.Tests.Payloads;

public class Words_fill_a_payload
{
    [Theory]
    [InlineData("name=x size=3", """{"name":"x","size":3,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("name=3 size:=3", """{"name":"3","size":3,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("name=a=b size=1", """{"name":"a=b","size":1,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("name= size=1", """{"name":"","size":1,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("name=true size=1 is_loud=true", """{"name":"true","size":1,"is_loud":true,"tags":[],"parts":[]}""")]
    [InlineData("name:=\"q\" size=1", """{"name":"q","size":1,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("name=x size=1 tags=[\"a\",\"b\"]", """{"name":"x","size":1,"is_loud":false,"tags":["a","b"],"parts":[]}""")]
    [InlineData("name=x size=1 part.label=l", """{"name":"x","size":1,"is_loud":false,"tags":[],"part":{"label":"l"},"parts":[]}""")]
    [InlineData("name=x size=1 part.label=l part.inner.label=m", """{"name":"x","size":1,"is_loud":false,"tags":[],"part":{"label":"l","inner":{"label":"m"}},"parts":[]}""")]
    [InlineData("name=x size=1 part={\"label\":\"l\"}", """{"name":"x","size":1,"is_loud":false,"tags":[],"part":{"label":"l"},"parts":[]}""")]
    [InlineData("name=x size=1 settings.p.k=text settings.p.n:=7", """{"name":"x","size":1,"is_loud":false,"tags":[],"parts":[],"settings":{"p":{"k":"text","n":7}}}""")]
    [InlineData("name=x size=1 count=18446744073709551615", """{"name":"x","size":1,"count":18446744073709551615,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("local name=x size=1", """{"environment_id":"local","name":"x","size":1,"is_loud":false,"tags":[],"parts":[]}""")]
    [InlineData("--name x --size 1 --loud --tag a --tag b", """{"name":"x","size":1,"is_loud":true,"tags":["a","b"],"parts":[]}""")]
    [InlineData("--name x size=1 --env e", """{"environment_id":"e","name":"x","size":1,"is_loud":false,"tags":[],"parts":[]}""")]
    public async Task A_word_means_what_its_member_takes(string words, string expected)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync($"op thing make {words}");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Result.GetRawText().ShouldBe(expected);
    }

    [Theory]
    [InlineData("name=x name=y size=1", "invalid-argument", "`name` is given twice")]
    [InlineData("--name x name=y size=1", "invalid-argument", "`name` is given twice")]
    [InlineData("local --env local name=x size=1", "invalid-argument", "`environment_id` is given twice")]
    [InlineData("name=x name.y=z size=1", "invalid-argument", "`name.y` is given twice")]
    [InlineData("part.label=l part={} name=x size=1", "invalid-argument", "`part` is given twice")]
    [InlineData("=x name=x size=1", "invalid-argument", "key=value")]
    [InlineData("part..label=x name=x size=1", "invalid-argument", "key=value")]
    [InlineData("name=x size=big", "answers-parse", "`size` must be a whole number, found `big`")]
    [InlineData("name=x size=-1", "answers-parse", "`size` must be a whole number, found -1")]
    [InlineData("name=x size=1.0", "answers-parse", "`size` must be a whole number, found 1.0")]
    [InlineData("name=x size=4294967296", "answers-parse", "`size` must be a whole number")]
    [InlineData("name=x size=1 tags=a", "answers-parse", "`tags` must be a JSON array")]
    [InlineData("name=x size=1 tags=[1]", "answers-parse", "`tags[0]` must be a string, found 1")]
    [InlineData("name=x size=1 parts=[{\"labl\":\"x\"}]", "answers-parse", "`parts[0].labl` is not known here; did you mean `label`")]
    [InlineData("name=x size=1 part.inner.colour=x", "answers-parse", "`part.inner.colour` is not known here; known are label, inner")]
    [InlineData("nmae=x size=1", "answers-parse", "`nmae` is not known here; did you mean `name`")]
    [InlineData("name:=null size=1", "answers-parse", "`name` must be a string, found null")]
    [InlineData("name:={ size=1", "answers-parse", "`name` must be JSON")]
    [InlineData("count=1", "invalid-argument", "missing: name, size")]
    [InlineData("name=x size=1 part={}", "invalid-argument", "missing: part.label")]
    public async Task What_does_not_fit_is_refused_with_its_path(string words, string kind, string message)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync($"op thing make {words}");
        run.Exit.ShouldBe(1);
        run.Stdout.ShouldBeEmpty();
        run.Kind.ShouldBe(kind);
        run.Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_missing_member_is_answered_with_an_example_that_works()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make");
        run.Kind.ShouldBe("invalid-argument");
        var next = run.Error.GetProperty("next").GetString()!;
        (await cli.RunAsync(next["gtc ".Length..])).Exit.ShouldBe(0);
    }

    [Fact]
    public void Every_payload_survives_being_typed_as_words()
    {
        var text = ArbMap.Default.ArbFor<NonNull<string>>().Generator.Select(value => new string([.. value.Get.Where(c => !char.IsSurrogate(c))]));
        var part = from label in text from inner in Gen.OneOf(Gen.Constant((string?)null), text.Select(value => (string?)value))
                   select new ThingPart { Label = label, Inner = inner is null ? null : new ThingPart { Label = inner } };
        var payload = from name in text
                      from size in ArbMap.Default.ArbFor<uint>().Generator
                      from isLoud in ArbMap.Default.ArbFor<bool>().Generator
                      from tags in text.ArrayOf()
                      from one in part
                      from many in part.ArrayOf()
                      select new ThingPayload { Name = name, Size = size, IsLoud = isLoud, Tags = [.. tags], Part = one, Parts = [.. many] };
        Prop.ForAll(payload.ToArbitrary(), expected =>
        {
            var built = new InlinePayload(PayloadShape.Of(FakeJson.Default.ThingPayload));
            var element = JsonSerializer.SerializeToElement(expected, FakeJson.Default.ThingPayload);
            foreach (var word in WordsOf(element, ""))
            {
                built.Set(Word.Parse(word)!).ShouldBeNull(word);
            }

            var read = PayloadReader.Read(built.ToElement(), FakeJson.Default.ThingPayload, "example");
            JsonSerializer.Serialize(read.Value, FakeJson.Default.ThingPayload).ShouldBe(element.GetRawText());
        }).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<string> WordsOf(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => WordsOf(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")),
        JsonValueKind.String => [$"{path}={value.GetString()}"],
        _ => [$"{path}={value.GetRawText()}"],
    };
}
