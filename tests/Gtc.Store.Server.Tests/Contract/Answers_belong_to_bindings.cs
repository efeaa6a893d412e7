using System.Text;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Answers come and go with the binding that they are of; alone, they are compared with what the caller saw.</summary>
public abstract class Answers_belong_to_bindings<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Binding = """{"slot":"deployer","kind":"greentic.deployer.k8s@1.0.0","pack_ref":"builtin"}""";
    private const string Packs = $"/environments/{Env}/packs";
    private const string Answers = $"{Packs}/deployer/answers";

    [Fact]
    public async Task An_update_brings_answers_and_a_rollback_those_before()
    {
        await Client.CreateAsync(Env);
        var added = (await Client.ChangeAsync("POST", Packs, $$$"""{"binding":{{{Binding}}},"answers":{"namespace":"one"}}""")).Must(200).Result;
        added.GetProperty("answers_ref").GetString().ShouldBe("env-packs/deployer/answers.json");
        added.GetProperty("answers_digest").GetString()!.ShouldStartWith("sha256:");
        (await NamespaceAsync()).ShouldBe("one");

        (await Client.ChangeAsync("PATCH", $"{Packs}/deployer", $$$"""{"binding":{{{Binding}}},"answers":{"namespace":"two"}}""")).Must(200);
        (await NamespaceAsync()).ShouldBe("two");
        (await Client.ChangeAsync("POST", $"{Packs}/deployer/rollback")).Must(200);
        (await NamespaceAsync()).ShouldBe("one");

        // Generation 3 is the one with the second answers.
        (await Client.ChangeAsync("POST", $"/environments/{Env}/restore-generation", """{"generation":3}""")).Must(200);
        (await NamespaceAsync()).ShouldBe("two");
    }

    [Fact]
    public async Task Extensions_have_answers_too()
    {
        await Client.CreateAsync(Env);
        const string Key = """{"kind_path":"acme.oauth","instance_id":"eu"}""";
        string Extension(string answers) => $$"""{"binding":{"kind":"acme.oauth@1.0.0","instance_id":"eu","pack_ref":"builtin"},"answers":{{answers}}}""";
        (await Client.ChangeAsync("POST", $"/environments/{Env}/extensions", Extension("""{"a":1}"""))).Must(200).Result.GetProperty("answers_ref").GetString().ShouldBe("extensions/acme.oauth-eu/answers.json");
        var update = Extension("""{"a":2}""").TrimStart('{');
        (await Client.ChangeAsync("PATCH", $"/environments/{Env}/extensions", $$"""{"key":{{Key}},{{update}}""")).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/extensions/rollback", $$"""{"key":{{Key}}}""")).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/extensions", Extension("[]"))).MustBe(400, "invalid-request");
    }

    [Theory]
    [InlineData("trust-root.json")]
    [InlineData("revocation.json")]
    [InlineData(".greentic/dev/.dev.secrets.env")]
    [InlineData("env-packs/secrets/answers.json")]
    [InlineData("../x")]
    public async Task A_binding_that_names_other_files_is_refused(string reference)
    {
        await Client.CreateAsync(Env);
        var named = Binding.TrimEnd('}') + $",\"answers_ref\":\"{reference}\"}}";
        var extension = $$"""{"kind":"acme.oauth@1.0.0","pack_ref":"builtin","answers_ref":"{{reference}}"}""";
        (await Client.ChangeAsync("POST", Packs, $$"""{"binding":{{named}}}""")).MustBe(400, "invalid-request").Text.ShouldContain("env-packs/deployer/answers.json");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/extensions", $$"""{"binding":{{extension}}}""")).MustBe(400, "invalid-request").Text.ShouldContain("extensions/acme.oauth/answers.json");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/migrate-bindings", $$"""{"packs":[{{named}}],"extensions":[]}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/migrate-bindings", $$"""{"packs":[],"extensions":[{{extension}}]}""")).MustBe(400, "invalid-request");

        // Nor by a stash that it brings along.
        var stash = Gtc.Model.InlineStash.Of(Encoding.UTF8.GetBytes(named));
        (await Client.ChangeAsync("POST", $"/environments/{Env}/migrate-bindings", $$"""{"packs":[{{Binding.TrimEnd('}')}},"previous_binding_ref":"{{stash}}"}],"extensions":[]}""")).Must(200);
        (await Client.ChangeAsync("POST", $"{Packs}/deployer/rollback")).MustBe(409, "conflict");
        (await Client.ChangeAsync("PATCH", $"{Packs}/deployer", $$"""{"binding":{{named}}}""")).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task Answers_alone_are_compared_with_what_was_seen_and_their_generation_goes_on()
    {
        await Client.CreateAsync(Env);
        (await Client.GetAsync(Answers)).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"x"}}""")).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("POST", Packs, $$"""{"binding":{{Binding}}}""")).Must(200);

        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"one"}}""")).Must(200).Result.GetProperty("generation").GetInt64().ShouldBe(1);
        var first = (await Client.GetAsync(Answers)).Must(200);
        first.Generation.ShouldBe(1);
        (await Client.GetAsync(Answers, $"\"{first.Etag}\"")).Must(304);

        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"two"}}""")).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"two"}}""", ifMatch: new string('0', 64))).MustBe(412, "precondition-failed")["actual_etag"].GetString().ShouldBe(first.Etag);
        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"two"}}""", ifMatch: first.Etag)).Must(200);
        var second = (await Client.GetAsync(Answers)).Must(200);
        second.Generation.ShouldBe(2);

        (await Client.ChangeAsync("DELETE", Answers)).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("DELETE", Answers, ifMatch: second.Etag)).Must(200);
        (await Client.GetAsync(Answers)).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("DELETE", Answers)).MustBe(404, "dependent-not-found");
        (await Client.GetAsync($"/environments/{Env}"))["environment"].GetProperty("packs")[0].TryGetProperty("answers_ref", out _).ShouldBeFalse();

        (await Client.ChangeAsync("PUT", Answers, """{"answers":{"namespace":"one"}}""")).Must(200);
        (await Client.GetAsync(Answers)).Must(200).Generation.ShouldBe(4);
    }

    [Fact]
    public async Task Two_who_answer_at_once_do_not_overwrite_each_other()
    {
        await Client.CreateAsync(Env);
        (await Client.ChangeAsync("POST", Packs, $$$"""{"binding":{{{Binding}}},"answers":{"namespace":"zero"}}""")).Must(200);
        var seen = (await Client.GetAsync(Answers)).Etag;
        var both = await Task.WhenAll(((string[])["one", "two"]).Select(name => Client.ChangeAsync("PUT", Answers, $$$"""{"answers":{"namespace":"{{{name}}}"}}""", ifMatch: seen)));
        both.Select(answer => answer.Status).Order().ShouldBe([200, 412]);
    }

    private async Task<string?> NamespaceAsync() => (await Client.GetAsync(Answers)).Must(200)["answers"].GetProperty("namespace").GetString();
}
