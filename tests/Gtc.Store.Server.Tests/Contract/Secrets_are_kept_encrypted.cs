using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Secrets over the wire: ciphertext only, one secret at a time, compared with what the caller saw.</summary>
public abstract class Secrets_are_kept_encrypted<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Secrets = $"/environments/{Env}/secrets";
    private const string Token = "acme/_/messaging/bot_token";
    private const string Other = "acme/_/messaging/other";

    [Fact]
    public async Task A_value_comes_back_to_who_has_the_key_and_to_nobody_else()
    {
        await BindAsync();
        (await PutAsync(Token, "hunter2")).Must(200).Result.GetProperty("version").GetInt32().ShouldBe(1);
        (await PutAsync(Token, "hunter3", "rotate")).Must(200).Result.GetProperty("previous_version").GetInt32().ShouldBe(1);
        (await PutAsync(Other, "plain", "rotate")).MustBe(404, "dependent-not-found");
        (await PutAsync(Other, "x")).Must(200);

        var list = (await Client.GetAsync(Secrets)).Must(200);
        list["secrets"].EnumerateArray().Select(secret => $"{secret.GetProperty("path")}@{secret.GetProperty("version")}").ShouldBe([$"{Token}@2", $"{Other}@1"]);
        (await Client.GetAsync(Secrets, list.Headers.ETag!.Tag)).Must(304);
        var file = (await Client.GetAsync($"{Secrets}/ciphertext")).Must(200);
        file.Text.ShouldNotContain("hunter");
        Read(await OpenAsync("a master key"), Token).ShouldBe("hunter3");
        (await OpenAsync("another key")).Get(Uri(Token), null).Value.ShouldBeOfType<SecretReading.Undecryptable>();

        var audit = await Client.AuditAsync(Env, "?noun=secrets&outcome=ok");
        audit.Select(line => $"{line.GetProperty("verb")} {line.GetProperty("target").GetProperty("path")}").ShouldBe([$"put {Token}", $"rotate {Token}", $"put {Other}"]);
        string.Join('\n', audit).ShouldNotContain("SECRETS_BACKEND");
    }

    [Fact]
    public async Task A_secret_ends_and_comes_back_with_the_next_version()
    {
        await BindAsync();
        (await PutAsync(Token, "one")).Must(200);
        (await DeleteAsync()).Must(200).Result.GetProperty("version").GetInt32().ShouldBe(2);
        (await Client.GetAsync(Secrets))["secrets"].GetArrayLength().ShouldBe(0);
        (await Client.ChangeAsync("DELETE", $"{Secrets}/{Token}", "{}", ifMatch: await EtagAsync())).Must(200).Result.GetProperty("version").ValueKind.ShouldBe(JsonValueKind.Null);
        (await PutAsync(Token, "two")).Must(200).Result.GetProperty("version").GetInt32().ShouldBe(3);
        (await Client.ChangeAsync("DELETE", $"{Secrets}/{Token}", "{}", ifMatch: await EtagAsync())).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task Nobody_overwrites_what_another_wrote()
    {
        await BindAsync();
        var ada = await OpenAsync("a master key");
        var bob = await OpenAsync("a master key");
        var seen = await EtagAsync();
        Put(ada, Token, "ada");
        Put(bob, Other, "bob");
        (await SendAsync(ada, Token, null)).Must(200);
        (await SendAsync(bob, Other, null)).MustBe(428, "precondition-required");
        (await SendAsync(bob, Other, seen)).MustBe(412, "precondition-failed");

        // Claiming to have seen it is not enough: the file itself must go on from what is there.
        (await SendAsync(bob, Other, await EtagAsync())).MustBe(409, "conflict");
        (await SendAsync(ada, Other, await EtagAsync())).MustBe(409, "conflict");
        (await PutAsync(Other, "bob")).Must(200);
        var both = await OpenAsync("a master key");
        Read(both, Token).ShouldBe("ada");
        Read(both, Other).ShouldBe("bob");
    }

    [Fact]
    public async Task What_is_no_ciphertext_is_refused()
    {
        await BindAsync();
        (await Client.ChangeAsync("PUT", $"{Secrets}/{Token}", """{"file":"hunter2"}""")).MustBe(400, "invalid-request").Text.ShouldNotContain("hunter2");
        (await Client.ChangeAsync("PUT", $"{Secrets}/{Token}", "{}")).MustBe(400, "invalid-request");

        // Under the key that everybody knows it is plain to whoever reads the server's disk.
        (await PutAsync(Token, "hunter2", key: null)).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("everybody");
        (await Client.GetAsync($"{Secrets}/ciphertext"))["file"].GetString().ShouldBeEmpty();
        (await Client.ChangeAsync("PUT", $"{Secrets}/acme/_/UPPER%20/x", """{"file":""}""")).Status.ShouldBeOneOf(400, 409);
    }

    [Fact]
    public async Task Sealing_changes_the_file_and_what_the_binding_says()
    {
        await BindAsync();
        (await PutAsync(Token, "hunter2")).Must(200);
        var store = await OpenAsync("a master key");
        var before = await EtagAsync();
        var sealedText = store.SealHere().Value;
        var body = new JsonObject { ["file"] = Encoding.UTF8.GetString(sealedText.Span), ["answers"] = store.SealedAnswers }.ToJsonString();
        (await Client.ChangeAsync("POST", $"{Secrets}/seal", body)).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("POST", $"{Secrets}/seal", body, ifMatch: before)).Must(200);
        (await Client.GetAsync($"/environments/{Env}/packs/secrets/answers")).Must(200)["answers"].GetProperty("mode").GetString().ShouldBe("sealed");
        Read(await OpenAsync(null), Token).ShouldBe("hunter2");
        (await Client.ChangeAsync("POST", $"{Secrets}/seal", """{"file":"","answers":{}}""", ifMatch: await EtagAsync())).MustBe(409, "conflict");
    }

    [Fact]
    public async Task Who_only_reads_learns_names_and_no_ciphertext()
    {
        await BindAsync();
        (await PutAsync(Token, "hunter2")).Must(200);
        await Lab.StopAsync();
        var tokens = Tokens.Write(Lab, Tokens.Entry("eve", "read-only"), Tokens.Entry("ci", "operator"), Tokens.Entry("dial", "operator", "\"verbs\":[\"traffic.*\"]"));
        using var client = await Lab.StartAsync(options => options with { Tokens = tokens });
        client.Token = "eve";
        (await client.GetAsync(Secrets)).Must(200).Text.ShouldContain(Token);
        (await client.GetAsync($"{Secrets}/ciphertext")).MustBe(403, "unauthorized");
        client.Token = "dial";
        (await client.GetAsync($"{Secrets}/ciphertext")).MustBe(403, "unauthorized");
        client.Token = "ci";
        (await client.GetAsync($"{Secrets}/ciphertext")).Must(200);
        (await client.ChangeAsync("POST", $"{Secrets}/{Token}/reveal")).Must(200).Result.GetProperty("version").GetInt32().ShouldBe(1);
        (await client.AuditAsync(Env, "?noun=secrets&verb=get")).Single().GetProperty("actor").GetProperty("user").GetString().ShouldBe("ci");
    }

    private static SecretUri Uri(string path) => SecretPath.Parse(path).Then(parsed => parsed.In(EnvId.TryParse(Env, out var id) ? id : default)).Value;

    private static void Put(SecretStore store, string path, string value)
    {
        using var secret = SecretValue.Of(value).Value;
        store.Put(Uri(path), secret).IsOk.ShouldBeTrue();
    }

    private static string Read(SecretStore store, string path)
    {
        using var found = store.Get(Uri(path), null).Value.ShouldBeOfType<SecretReading.Found>().Value;
        return found.Reveal();
    }

    private async Task BindAsync()
    {
        (await Client.CreateAsync(Env)).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", """{"binding":{"slot":"secrets","kind":"greentic.secrets.dev-store@1.0.0","pack_ref":"builtin"}}""")).Must(200);
    }

    /// <summary>What a caller with a key sees.</summary>
    private async Task<SecretStore> OpenAsync(string? key)
    {
        var document = Documents.Environment.Parse(Encoding.UTF8.GetBytes((await Client.GetAsync($"/environments/{Env}"))["environment"].GetRawText())).Value;
        var answers = (await Client.GetAsync($"/environments/{Env}/packs/secrets/answers")) is { Status: 200 } found ? JsonNode.Parse(found["answers"].GetRawText())!.AsObject() : null;
        var file = Encoding.UTF8.GetBytes((await Client.GetAsync($"{Secrets}/ciphertext")).Must(200)["file"].GetString()!);
        string? Variable(string name) => name switch { "GREENTIC_DEV_MASTER_KEY" => key, "HOME" => Lab.Folder, _ => null };
        return SecretStore.OpenRemote(document, answers, "here", file, new SecretAccess(Variable, TimeProvider.System, RandomNumberGenerator.Fill)).Value;
    }

    private async Task<string> EtagAsync() => (await Client.GetAsync(Secrets)).Must(200).Headers.ETag!.Tag;

    private async Task<ServerAnswer> PutAsync(string path, string value, string? verb = null, string? key = "a master key")
    {
        var store = await OpenAsync(key);
        Put(store, path, value);
        return await SendAsync(store, path, await EtagAsync(), verb);
    }

    private async Task<ServerAnswer> DeleteAsync()
    {
        var store = await OpenAsync("a master key");
        store.Delete(Uri(Token)).Value.ShouldNotBeNull();
        return await Client.ChangeAsync("DELETE", $"{Secrets}/{Token}", Body(store), ifMatch: await EtagAsync());
    }

    private Task<ServerAnswer> SendAsync(SecretStore store, string path, string? ifMatch, string? verb = null) =>
        Client.ChangeAsync(verb is null ? "PUT" : "POST", $"{Secrets}/{path}{(verb is null ? "" : $"/{verb}")}", Body(store), ifMatch: ifMatch);

    private static string Body(SecretStore store) => new JsonObject { ["file"] = Encoding.UTF8.GetString(store.Written!.Value.Span) }.ToJsonString();
}
