using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.EnvPacks.Tests.External;

public sealed class A_pack_speaks_json_lines : IDisposable
{
    private const string Hello = """printf '{"id":1,"result":{"protocol":1,"kind":"acme.x.y@1.0.0"}}\n'""";

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-pack-").FullName;

    [Fact]
    public async Task Progress_is_told_and_the_result_ends_the_call()
    {
        var steps = new List<string>();
        await using var pack = (await StartAsync($$$"""
            read a; {{{Hello}}}
            read b; echo log >&2
            printf '{"id":2,"progress":{"n":1}}\n{"id":2,"progress":{"n":2}}\n{"id":2,"result":{"ok":true}}\n'
            read c
            """)).Value;
        var result = await pack.CallAsync(PackMethod.Render, [], step => steps.Add(step.GetRawText()), TestContext.Current.CancellationToken);
        result.Value.GetProperty("ok").GetBoolean().ShouldBeTrue();
        steps.ShouldBe(["""{"n":1}""", """{"n":2}"""]);
    }

    [Fact]
    public async Task An_error_of_the_pack_is_a_conflict_on_one_line()
    {
        var called = await CallAsync("""printf '{"id":2,"error":{"message":"no\\nway."}}\n'""");
        called.Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldBe("render: noway");
    }

    [Theory]
    [InlineData("""printf '{"id":7,"result":{}}\n'""", "something else than call 2")]
    [InlineData("""printf 'hello\n'""", "no JSON")]
    [InlineData("""printf '{"id":2}\n'""", "neither result nor error nor progress")]
    [InlineData("exit 1", "ended before it answered")]
    [InlineData("""head -c 5000000 /dev/zero""", "more than")]
    [InlineData("""i=0; while [ $i -le 10000 ]; do printf '{"id":2,"progress":0}\n'; i=$((i+1)); done""", "progress lines")]
    public async Task What_breaks_the_protocol_is_refused(string answer, string why) =>
        (await CallAsync(answer)).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain(why);

    [Fact]
    public async Task A_pack_of_another_kind_or_protocol_is_not_greeted()
    {
        (await StartAsync("""read a; printf '{"id":1,"result":{"protocol":2,"kind":"acme.x.y@1.0.0"}}\n'; read b""")).Refusal!.Message.ShouldContain("protocol 2");
        (await StartAsync("""read a; printf '{"id":1,"result":{"protocol":1,"kind":"acme.x.z@1.0.0"}}\n'; read b""")).Refusal!.Message.ShouldContain("acme.x.z");
    }

    [Fact]
    public async Task A_pack_sees_the_variables_that_it_asked_for_and_no_others()
    {
        await using var pack = (await StartAsync($$$"""
            read a; {{{Hello}}}
            read b; printf '{"id":2,"result":{"asked":"%s","other":"%s"}}\n' "$ASKED" "$OTHER"
            read c
            """, "ASKED")).Value;
        var result = await pack.CallAsync(PackMethod.Render, [], null, TestContext.Current.CancellationToken);
        result.Value.GetRawText().ShouldBe("""{"asked":"yes","other":""}""");
    }

    [Theory]
    [InlineData("""{"schema":"greentic.env-pack.v2","kind":"acme.x.y@1.0.0","slots":["state"],"executable":"run"}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme@1.0.0","slots":["state"],"executable":"run"}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme.x.y@1.0.0","slots":[],"executable":"run"}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme.x.y@1.0.0","slots":["messaging"],"executable":"run"}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme.x.y@1.0.0","slots":["state"],"executable":"../run"}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme.x.y@1.0.0","slots":["state"],"executable":"run","more":1}""")]
    [InlineData("""{"schema":"greentic.env-pack.v1","kind":"acme.x.y@1.0.0","slots":["state"],"executable":"run","permissions":{"variables":["A=B"]}}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void A_manifest_that_is_wrong_is_refused(string json) =>
        PackManifest.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<Outcome<System.Text.Json.JsonElement>> CallAsync(string answer)
    {
        await using var pack = (await StartAsync($"read a; {Hello}\nread b; {answer}\nread c\n")).Value;
        return await pack.CallAsync(PackMethod.Render, new JsonObject(), null, TestContext.Current.CancellationToken);
    }

    private Task<Outcome<PackProcess>> StartAsync(string script, params string[] variables)
    {
        var program = Path.Combine(_folder, "run");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var manifest = new PackManifest
        {
            Schema = PackManifest.SchemaId,
            Kind = Descriptors.Read("acme.x.y@1.0.0").Value,
            Slots = [CapabilitySlot.State],
            Executable = "run",
            Permissions = new() { Variables = [.. variables] },
        };
        return PackProcess.StartAsync(
            _folder, manifest, name => name is "ASKED" or "OTHER" ? "yes" : name == "PATH" ? Environment.GetEnvironmentVariable("PATH") : null, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
