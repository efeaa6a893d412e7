using System.Text.Json;

namespace Gtc.Cli.Tests.Op.Secrets;

public class Secrets_are_put_and_got : IDisposable
{
    private const string Path = "acme/_/messaging-telegram/bot_token";
    private const string Value = "hunter2-and-more";

    private readonly TestCli _cli = new();
    private readonly List<string> _said = [];

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _cli.Dispose();
        _said.ShouldAllBe(text => !text.Contains(Value, StringComparison.Ordinal), "no output and no file of the environment holds a value that was not asked for");
    }

    [Fact]
    [Trait("fact", "store:9.20")]
    public async Task Put_writes_and_tells_where()
    {
        await InitAsync();
        _cli.SetVariable("TOKEN", Value);

        var result = (await OkAsync($"secrets put {Path} --from-env TOKEN")).Result;

        result.GetProperty("environment_id").GetString().ShouldBe("local");
        result.GetProperty("secret_ref").GetString().ShouldBe($"secret://local/{Path}");
        result.GetProperty("store_uri").GetString().ShouldBe($"secrets://local/{Path}");
        result.GetProperty("secrets_kind").GetString().ShouldBe("greentic.secrets.dev-store@0.1.0");
        if (TestCli.IsRemote)
        {
            result.GetProperty("store_path").GetString()!.ShouldEndWith("/environments/local/secrets");
        }
        else
        {
            result.GetProperty("store_path").GetString().ShouldBe(StorePath("local"));
        }

        result.GetProperty("written").GetBoolean().ShouldBeTrue();
        result.GetProperty("version").GetUInt32().ShouldBe(1u);
        result.TryGetProperty("warnings", out _).ShouldBeFalse();
    }

    [Theory]
    [Trait("fact", "store:9.20")]
    [Trait("fact", "op-cli:23.13")]
    [InlineData("acme/default/p/n")]
    [InlineData("acme/_/p/Bad")]
    [InlineData("acme/_/p/a__b")]
    [InlineData("acme/_/p")]
    public async Task A_path_that_is_none_is_refused(string path)
    {
        await InitAsync();
        _cli.SetVariable("TOKEN", Value);
        foreach (var verb in new[] { $"put {path} --from-env TOKEN", $"get {path}", $"get {path} --reveal", $"rotate {path} --generate-length 20", $"delete {path}" })
        {
            (await RefusedAsync($"secrets {verb}")).Kind.ShouldBe("invalid-argument", verb);
        }

        File.Exists(StorePath("local")).ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "store:9.21")]
    public async Task Get_tells_that_it_is_there_and_shows_it_only_on_demand()
    {
        await InitAsync();
        (await OkAsync($"secrets get {Path}")).Result.GetProperty("present").GetBoolean().ShouldBeFalse("there is no file yet");
        await PutAsync();

        var got = (await OkAsync($"secrets get {Path}")).Result;
        got.GetProperty("present").GetBoolean().ShouldBeTrue();
        got.TryGetProperty("value", out _).ShouldBeFalse();
        (await AuditAsync()).ShouldNotContain(line => line.GetProperty("verb").GetString() == "get");

        var revealed = await _cli.OpAsync($"secrets get {Path} --reveal");
        revealed.GetProperty("value").GetString().ShouldBe(Value);
        (await AuditAsync())[^1].GetProperty("verb").GetString().ShouldBe("get");
    }

    [Theory]
    [InlineData("line\n", "line")]
    [InlineData("line\r\n", "line")]
    [InlineData("no end", "no end")]
    [InlineData("two\nlines\n", "two\nlines\n")]
    public async Task A_single_line_loses_its_end(string content, string expected)
    {
        await InitAsync();
        _cli.Write("value.txt", content);
        _cli.Stdin = content;

        await OkAsync($"secrets put {Path} --from-file value.txt");
        (await _cli.OpAsync($"secrets get {Path} --reveal")).GetProperty("value").GetString().ShouldBe(expected);
        await OkAsync($"secrets put {Path} --from-file -");
        (await _cli.OpAsync($"secrets get {Path} --reveal")).GetProperty("value").GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task At_a_terminal_it_is_asked_for()
    {
        await InitAsync();
        _cli.Typed = Value;
        await OkAsync($"secrets put {Path}");
        (await _cli.OpAsync($"secrets get {Path} --reveal")).GetProperty("value").GetString().ShouldBe(Value);
    }

    [Fact]
    public async Task Answers_name_where_the_value_is()
    {
        await InitAsync();
        _cli.SetVariable("TOKEN", Value);
        _cli.Write("put.json", $$"""{"environment_id":"local","path":"{{Path}}","value_from_env":"TOKEN"}""");
        (await OkAsync("secrets put --answers put.json")).Result.GetProperty("written").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_value_on_the_command_line_or_in_answers_is_refused()
    {
        await InitAsync();
        _cli.Write("put.json", $$"""{"path":"{{Path}}","value":"{{Value}}"}""");
        foreach (var line in new[] { $"put {Path} value={Value}", $"put {Path} value:={Value}", "put --answers put.json", $"rotate {Path} value={Value}", $"put {Path} value.x={Value}" })
        {
            var refused = await RefusedAsync($"secrets {line}");
            refused.Kind.ShouldBe("invalid-argument", line);
            refused.Message.ShouldContain("not taken");
            refused.Stderr.ShouldContain("--from-env");
        }

        (await _cli.RunAsync("op secrets put --schema --format json")).Stdout.ShouldNotContain("\"value\"");
        File.Exists(StorePath("local")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("secrets put acme/_/p/n", "there is no value")]
    [InlineData("secrets rotate acme/_/p/n", "there is no value")]
    [InlineData("secrets put acme/_/p/n --from-env hunter2-and-more", "not set")]
    [InlineData("secrets put acme/_/p/n --from-env TOKEN --from-file -", "exclude")]
    [InlineData("secrets put acme/_/p/n --from-file -", "empty")]
    [InlineData("secrets rotate acme/_/p/n --from-env TOKEN --generate-length 20", "not both")]
    [InlineData("secrets rotate acme/_/p/n --generate-length 2", "8 to 4,096")]
    [InlineData("secrets rotate acme/_/p/n --generate-alphabet klingon", "alphabet")]
    public async Task A_value_must_come_from_one_place(string line, string expected)
    {
        await InitAsync();
        _cli.SetVariable("TOKEN", Value);
        var refused = await RefusedAsync(line);
        refused.Kind.ShouldBe("invalid-argument");
        refused.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_io_error()
    {
        await InitAsync();
        (await RefusedAsync($"secrets put {Path} --from-file gone")).Kind.ShouldBe("io");
    }

    [Fact]
    public async Task A_rotation_keeps_the_previous_version()
    {
        await InitAsync();
        (await RefusedAsync($"secrets rotate {Path} --generate-length 20")).Kind.ShouldBe("not-found");
        await PutAsync();

        var rotated = (await OkAsync($"secrets rotate {Path} --generate-length 20 --generate-alphabet hex")).Result;

        rotated.GetProperty("version").GetUInt32().ShouldBe(2u);
        rotated.GetProperty("previous_version").GetUInt32().ShouldBe(1u);
        rotated.GetProperty("generated").GetBoolean().ShouldBeTrue();
        (await _cli.OpAsync($"secrets get {Path} --reveal")).GetProperty("value").GetString().ShouldNotBeNull().Length.ShouldBe(20);
        (await _cli.OpAsync($"secrets get {Path} --reveal --secret-version 1")).GetProperty("value").GetString().ShouldBe(Value);
    }

    [Fact]
    public async Task A_deleted_secret_is_absent()
    {
        await InitAsync();
        await PutAsync();
        (await OkAsync($"secrets delete {Path}")).Result.GetProperty("deleted").GetBoolean().ShouldBeTrue();
        (await OkAsync($"secrets delete {Path}")).Result.GetProperty("deleted").GetBoolean().ShouldBeFalse();
        (await OkAsync($"secrets get {Path}")).Result.GetProperty("present").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Names_are_listed()
    {
        await InitAsync();
        await PutAsync();
        var list = (await OkAsync("secrets list")).Result;
        list.GetProperty("namespace").GetString().ShouldBe("secret://local/");
        list.GetProperty("known_refs").EnumerateArray().Select(reference => reference.GetString()).ShouldBe([$"secret://local/{Path}"]);
        list.GetProperty("secrets")[0].GetProperty("path").GetString().ShouldBe(Path);
        list.GetProperty("snapshot_at").GetString().ShouldBe("2026-11-20T14:02:03Z");
    }

    [Fact]
    public async Task Without_a_binding_every_verb_is_a_conflict()
    {
        await OkAsync("env create bare");
        _cli.SetVariable("TOKEN", Value);
        foreach (var verb in new[] { $"put {Path} --from-env TOKEN", $"get {Path}", $"get {Path} --reveal", $"rotate {Path} --generate-length 20", $"delete {Path}" })
        {
            (await RefusedAsync($"secrets {verb} --env bare")).Kind.ShouldBe("conflict", verb);
        }

        (await RefusedAsync("secrets list bare")).Kind.ShouldBe("conflict");
        (await RefusedAsync("secrets seal bare")).Kind.ShouldBe("conflict");
        (await RefusedAsync("secrets list nowhere")).Kind.ShouldBe("not-found");
        (await RefusedAsync($"secrets put {Path} --env nowhere --from-env TOKEN")).Kind.ShouldBe("not-found");
    }

    [Fact]
    [Trait("fact", "op-cli:23.28")]
    public async Task Every_change_is_one_audit_line_that_names_the_path_alone()
    {
        await InitAsync();
        var before = (await AuditAsync()).Count;
        await PutAsync("--idempotency-key my-key");
        await OkAsync($"secrets rotate {Path} --generate-length 20");
        await OkAsync($"secrets delete {Path}");
        await RefusedAsync($"secrets rotate {Path} --generate-length 20");
        await RefusedAsync($"secrets put {Path} --from-env NOTHING");
        await RefusedAsync($"secrets put acme/_/p/not-a-name --from-env NOTHING");

        var lines = (await AuditAsync()).Skip(before).ToList();

        lines.Select(line => line.GetProperty("verb").GetString()).ShouldBe(["put", "rotate", "delete", "rotate", "put", "put"]);
        lines.Select(line => line.GetProperty("result").GetProperty("outcome").GetString()).ShouldBe(["ok", "ok", "ok", "error", "error", "error"]);
        lines[0].GetProperty("idempotency_key").GetString().ShouldStartWith(TestCli.IsRemote ? "my-key-" : "my-key");
        lines.Take(5).ShouldAllBe(line => line.GetProperty("target").GetRawText() == $$"""{"environment_id":"local","path":"{{Path}}"}""");
        var text = string.Join('\n', lines.Select(line => line.GetRawText()));
        text.ShouldNotContain(Value);
        text.ShouldNotContain("not-a-name");
        text.ShouldNotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Value))));
        lines[5].GetProperty("target").TryGetProperty("path", out _).ShouldBeFalse("what is no path may be a value that was typed in its place");
    }

    [Fact]
    public async Task What_cannot_be_decrypted_is_told_from_what_is_absent()
    {
        await InitAsync();
        await PutAsync();
        _cli.SetVariable("GREENTIC_DEV_MASTER_KEY", "another");

        var got = (await OkAsync($"secrets get {Path}")).Result;
        got.GetProperty("present").GetBoolean().ShouldBeFalse();
        got.GetProperty("problem").GetString().ShouldBe("undecryptable");
        got.GetProperty("warnings").GetArrayLength().ShouldBe(1);
        (await RefusedAsync($"secrets get {Path} --reveal")).Kind.ShouldBe("store");
    }

    [Fact]
    public async Task Sealing_and_the_default_key_outside_local()
    {
        TestCli.NeedsFiles("a store server takes nothing under the key that everybody knows");
        await OkAsync("env create prod");
        BindSecrets("prod");
        _cli.SetVariable("TOKEN", Value);
        var put = (await OkAsync($"secrets put {Path} --env prod --from-env TOKEN")).Result;
        put.GetProperty("warnings").EnumerateArray().ShouldContain(warning => warning.GetString()!.Contains("everybody knows", StringComparison.Ordinal));

        (await OkAsync("secrets seal prod")).Result.GetProperty("changed").GetBoolean().ShouldBeTrue();
        (await OkAsync("secrets seal prod")).Result.GetProperty("changed").GetBoolean().ShouldBeFalse();

        var revealed = await _cli.OpAsync($"secrets get {Path} --env prod --reveal");
        revealed.GetProperty("value").GetString().ShouldBe(Value);
        revealed.TryGetProperty("warnings", out _).ShouldBeFalse();
        File.ReadAllText(StorePath("prod")).ShouldStartWith("# gtc-sealed-v1 ");
    }

    [Fact]
    public async Task People_are_told_in_sentences()
    {
        await InitAsync();
        _cli.SetVariable("TOKEN", Value);
        var put = await _cli.RunAsync($"op secrets put {Path} --from-env TOKEN --store-root {_cli.StoreRoot} --format table");
        put.Stdout.ShouldStartWith($"secret://local/{Path} is written, version 1.\n");
        put.Stdout.ShouldNotContain(Value);
        (await _cli.RunAsync($"op secrets get {Path} --reveal --store-root {_cli.StoreRoot} --format table")).Stdout.ShouldContain($"value  {Value}");
    }

    private string StorePath(string environment) => System.IO.Path.Combine(_cli.StoreRoot, environment, ".greentic", "dev", ".dev.secrets.env");

    private Task<TestRun> InitAsync() => OkAsync("env init");

    private async Task PutAsync(string more = "")
    {
        _cli.SetVariable("TOKEN", Value);
        await OkAsync($"secrets put {Path} --from-env TOKEN {more}");
    }

    private async Task<TestRun> OkAsync(string line)
    {
        var run = await RunAsync(line);
        run.Exit.ShouldBe(0, run.Stderr);
        return run;
    }

    private async Task<TestRun> RefusedAsync(string line)
    {
        var run = await RunAsync(line);
        run.Exit.ShouldBe(1, line);
        run.Stdout.ShouldBeEmpty();
        return run;
    }

    private async Task<TestRun> RunAsync(string line)
    {
        var run = await _cli.RunAsync($"op {line} --store-root {_cli.StoreRoot} --format json");
        _said.AddRange([run.Stdout, run.Stderr]);
        return run;
    }

    private Task<List<JsonElement>> AuditAsync() => Task.FromResult(
        _cli.AuditLines().Select(line => JsonDocument.Parse(line).RootElement).ToList());

    private void BindSecrets(string environment)
    {
        var path = System.IO.Path.Combine(_cli.StoreRoot, environment, "environment.json");
        var document = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        document["packs"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"slot":"secrets","kind":"greentic.secrets.dev-store@0.1.0","pack_ref":"greentic.secrets.dev-store@0.1.0","generation":0}]""");
        File.WriteAllText(path, document.ToJsonString());
    }
}
