using System.Text;
using System.Text.Json;
using Gtc.Cli.Payloads;

namespace Gtc.Cli.Tests.Payloads;

public class Answers_are_read_strictly
{
    [Theory]
    [InlineData("a.json", """{"name":"x","size":1}""")]
    [InlineData("a.JSON", "\uFEFF{\"name\":\"x\",\"size\":1}")]
    [InlineData("a.yaml", "name: x\nsize: 1\n")]
    [InlineData("a.yml", "{name: 'x', size: 1}")]
    [InlineData("a.txt", """{"name":"x","size":1}""")]
    [InlineData("a.txt", "name: x\nsize: 1\n")]
    public async Task The_extension_says_what_it_is(string name, string content)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        cli.Write(name, content);
        var run = await cli.RunAsync($"op thing make --answers {name}");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Result.GetProperty("name").GetString().ShouldBe("x");
    }

    [Fact]
    public async Task A_dash_is_standard_input()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups, Stdin = """{"name":"in","size":1}""" };
        (await cli.RunAsync("op --answers - thing make")).Result.GetProperty("name").GetString().ShouldBe("in");
    }

    [Theory, Trait("fact", "op-cli:23.5")]
    [InlineData("x.yaml", "name: [x\n", "answers-parse")]
    [InlineData("x.yaml", "name: &a x\nsize: 1\ntags: [*a]\n", "answers-parse")]
    [InlineData("x.yaml", "", "answers-parse")]
    [InlineData("x.json", "", "answers-parse")]
    [InlineData("x.json", "name: x\nsize: 1\n", "answers-parse")]
    [InlineData("x.json", """{"name":"x","size":1,}""", "answers-parse")]
    [InlineData("x.json", """{"name":"x","size":1,"name":"y"}""", "answers-parse")]
    [InlineData("x.json", """["name"]""", "answers-parse")]
    [InlineData("x.json", """{"name":"x","size":1,"part":{"label":"l","colour":1}}""", "answers-parse")]
    [InlineData("x.json", """{"name":"x"}""", "invalid-argument")]
    public async Task What_is_not_a_payload_is_refused(string name, string content, string kind)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        cli.Write(name, content);
        var run = await cli.RunAsync($"op thing make --answers {name}");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe(kind, run.Stderr);
    }

    [Fact, Trait("fact", "op-cli:23.5")]
    public async Task A_missing_file_is_an_io_error()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make --answers nowhere.json");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("io");
    }

    [Theory]
    [InlineData("local")]
    [InlineData("name=x")]
    [InlineData("--name x")]
    [InlineData("name=x name=y")]
    public async Task Answers_and_inline_values_exclude_each_other(string inline)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        cli.Write("a.json", """{"name":"x","size":1}""");
        var run = await cli.RunAsync($"op thing make {inline} --answers a.json");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Size_and_depth_are_bounded()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        cli.Write("big.json", $$"""{"name":"{{new string('x', PayloadBounds.MaxBytes)}}","size":1}""");
        (await cli.RunAsync("op thing make --answers big.json")).Kind.ShouldBe("answers-parse");
        cli.Write("deep.json", $$$"""{"name":"x","size":1,"settings":{"a":{"b":{{{new string('[', 100)}}}{{{new string(']', 100)}}} } } }""");
        (await cli.RunAsync("op thing make --answers deep.json")).Kind.ShouldBe("answers-parse");
        (await cli.RunWordsAsync("op", "thing", "make", $"settings.a.b:={new string('[', 100)}{new string(']', 100)}")).Kind.ShouldBe("answers-parse");
        (await cli.RunWordsAsync("op", "thing", "make", string.Join('.', Enumerable.Repeat("a", 100)) + "=x")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public void Twenty_thousand_damaged_files_are_refused_or_read_but_never_thrown_at()
    {
        var seeds = new[]
        {
            """{"name":"x","size":1,"count":7,"is_loud":true,"tags":["a","b"],"part":{"label":"l","inner":{"label":"m"}},"parts":[{"label":"n"}],"settings":{"p":{"k":[1,{"z":null}]}}}""",
            "name: x\nsize: 1\ntags: [a, b]\npart:\n  label: l\nsettings: {p: {k: 'v'}}\n",
        };
        var random = new Random(20261120);
        int read = 0, refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[round % seeds.Length]).ToList();
            for (var edit = random.Next(1, 6); edit > 0; edit--)
            {
                Damage(bytes, random);
            }

            var outcome = AnswersFile.Parse(round % 2 == 0 ? "x.json" : "x.yaml", bytes.ToArray())
                .Then(value => PayloadReader.Read(value, FakeJson.Default.ThingPayload, "example"));
            if (outcome.TryGet(out _, out var refusal))
            {
                read++;
            }
            else
            {
                refused++;
                refusal.Message.ShouldNotBeNullOrWhiteSpace();
                refusal.Message.ShouldNotContain("Gtc.");
            }
        }

        read.ShouldBeGreaterThan(200);
        refused.ShouldBeGreaterThan(5_000);
    }

    private static void Damage(List<byte> bytes, Random random)
    {
        const string Interesting = "{}[]\",:\\\n -&*!#'0-9eE.nulltrue\0\u007f";
        var at = random.Next(bytes.Count);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] = (byte)Interesting[random.Next(Interesting.Length)];
                break;
            case 2 when bytes.Count > 1:
                bytes.RemoveAt(at);
                break;
            default:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 12), bytes.Count - at)));
                break;
        }
    }
}
