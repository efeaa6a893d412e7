using Gtc.Cli.Tests.Pack;

namespace Gtc.Cli.Tests.Flow;

public sealed class Flows_run_from_the_command_line
{
    [Fact]
    public async Task A_message_is_answered_with_a_trace_of_its_nodes()
    {
        using var cli = await With("greeter");

        var ran = await cli.RunAsync("flow run greeter.gtpack --text Ada --format json");

        ran.Exit.ShouldBe(0, ran.Stderr);
        var message = ran.Result.GetProperty("messages")[0];
        message.GetProperty("flow").GetString().ShouldBe("greet");
        message.GetProperty("replies")[0].GetProperty("text").GetString().ShouldBe("Hello, Ada. I am revision flow-run.");
        var node = message.GetProperty("nodes")[0];
        node.GetProperty("component").GetString().ShouldBe("samples.greeter");
        node.GetProperty("operation").GetString().ShouldBe("greet");
        node.GetProperty("then").GetString().ShouldBe("end");
        node.GetProperty("elapsed_ms").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public async Task Several_messages_are_one_conversation_with_state()
    {
        using var cli = await With("counter");

        var ran = await cli.RunAsync("flow run counter.gtpack --text one --text two --text reset --format json");

        ran.Result.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("replies")[0].GetProperty("text").GetString())
            .ShouldBe(["That was message 1.", "That was message 2.", "I start again."]);
        ran.Result.GetProperty("messages")[2].GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("node").GetString()).ShouldBe(["hear", "reset"]);
        ran.Result.GetProperty("messages")[0].GetProperty("log")[0].GetString()!.ShouldContain("heard");
    }

    [Fact]
    public async Task A_flow_that_waits_goes_on_with_the_next_message()
    {
        using var cli = await Own("""
            id: f
            type: messaging
            nodes:
              ask:
                emit.response: {text: "red or blue?"}
                routing:
                  - condition: response.text == "red"
                    to: red
              red:
                emit.response: {text: "warm"}
            """);

        var ran = await cli.RunAsync("flow run p.gtpack --text hi --text red");

        ran.Exit.ShouldBe(0, ran.Stderr);
        ran.Stdout.ShouldContain("  waits for the next message at ask\n");
        ran.Stdout.ShouldContain("← \"warm\"\n");
    }

    [Fact]
    public async Task A_flow_that_fails_says_where_and_shows_in_the_exit_code()
    {
        using var cli = await With("weather");

        var ran = await cli.RunAsync("flow run weather.gtpack --text London --fail-on-findings");

        ran.Exit.ShouldBe(1);
        ran.Stdout.ShouldContain("show");
        ran.Stdout.ShouldContain("← failed: component samples.weather failed: denied: ");
    }

    [Fact]
    public async Task Messages_may_be_json_and_come_from_a_file()
    {
        using var cli = await With("greeter");
        cli.Write("m.json", """{"text":"Ada","metadata":{"locale":"de"}}""");

        var inline = await cli.RunWordsAsync("flow", "run", "greeter.gtpack", "--flow", "greet", "--payload", """{"text":"Ada","metadata":{"locale":"fr"}}""", "--format", "json");
        var file = await cli.RunAsync("flow run greeter.gtpack --payload @m.json --session s1 --format json");

        inline.Result.GetProperty("messages")[0].GetProperty("replies")[0].GetProperty("text").GetString()!.ShouldStartWith("Bonjour, Ada.");
        file.Result.GetProperty("messages")[0].GetProperty("replies")[0].GetProperty("text").GetString()!.ShouldStartWith("Hallo, Ada.");
        file.Result.GetProperty("session").GetString().ShouldBe("s1");
    }

    [Theory]
    [InlineData("flow run greeter.gtpack", "a message was expected: --text TEXT or --payload JSON")]
    [InlineData("flow run greeter.gtpack --payload {", "JSON was expected")]
    [InlineData("flow run greeter.gtpack --text x --flow nope", "no pack has flow nope")]
    [InlineData("flow run greeter.gtpack --text x --egress :::", "`:::` is not a list of")]
    [InlineData("flow run nope.gtpack --text x", "nope.gtpack cannot be read")]
    public async Task What_is_wrong_is_said(string line, string message)
    {
        using var cli = await With("greeter");

        var refused = await cli.RunAsync($"{line} --format json");

        refused.Exit.ShouldNotBe(0);
        refused.Message.ShouldContain(message);
    }

    [Fact]
    public async Task The_doctor_finds_nothing_in_a_sound_pack_and_names_what_is_wrong_in_another()
    {
        using var sound = await With("counter");
        using var ill = await Own("id: f\ntype: messaging\nnodes:\n  a:\n    no.tool: {op: x}\n    routing: out\n");

        var nothing = await sound.RunAsync("flow doctor counter.gtpack --fail-on-findings");
        var plain = await ill.RunAsync("flow doctor p.gtpack");
        var detailed = await ill.RunAsync("flow doctor p.gtpack --exit-code detailed --format json");

        (nothing.Exit, nothing.Stdout).ShouldBe((0, "1 flow checked, nothing found.\n"));
        plain.Exit.ShouldBe(0);
        plain.Stdout.ShouldContain("error f/a: the component `no.tool` is not in the pack (missing-component)\n  do  add its .wasm file below components/\n");
        plain.Stdout.ShouldEndWith("1 flow checked: 1 error, 0 warnings, 0 notes.\n");
        detailed.Exit.ShouldBe(3);
        detailed.Result.GetProperty("errors").GetInt32().ShouldBe(1);
        detailed.Result.GetProperty("findings")[0].GetProperty("code").GetString().ShouldBe("missing-component");
    }

    private static async Task<TestCli> With(string sample)
    {
        var cli = new TestCli { IsTerminal = true };
        (await cli.RunAsync($"pack build {Samples.Pack(sample)} --format json")).Exit.ShouldBe(0);
        return cli;
    }

    private static async Task<TestCli> Own(string flow)
    {
        var cli = new TestCli { IsTerminal = true };
        Directory.CreateDirectory(Path.Combine(cli.Folder, "p", "flows"));
        cli.Write("p/pack.yaml", "pack_id: p\nversion: 1.0.0\nkind: application\npublisher: us\n");
        cli.Write("p/flows/f.ygtc", flow);
        (await cli.RunAsync("pack build p --format json")).Exit.ShouldBe(0);
        return cli;
    }
}
