using System.Text.Json.Nodes;
using Gtc.Signing;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>What narrows a key travels with it, and keys of a DID document say where they are from.</summary>
public abstract class Keys_are_trusted_one_by_one<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Root = $"/environments/{Env}/trust-root";

    private static PublicKey Key { get; } = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray()).PublicKey;

    [Fact]
    public async Task A_key_may_be_narrowed()
    {
        await Client.CreateAsync(Env);
        var body = new JsonObject { ["key_id"] = Key.KeyId, ["public_key_pem"] = Key.ToPem(), ["not_after"] = "2027-01-01T00:00:00Z", ["purposes"] = new JsonArray("revision"), ["source"] = "by hand" };
        (await Client.ChangeAsync("POST", $"{Root}/keys", body.ToJsonString())).Must(200);
        var listed = (await Client.GetAsync(Root)).Must(200)["keys"][0];
        listed.GetProperty("not_after").GetString().ShouldBe("2027-01-01T00:00:00Z");
        listed.GetProperty("purposes")[0].GetString().ShouldBe("revision");
        listed.GetProperty("source").GetString().ShouldBe("by hand");
        body["purposes"] = new JsonArray("everything");
        (await Client.ChangeAsync("POST", $"{Root}/keys", body.ToJsonString())).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task The_key_that_bootstrapping_trusts_can_be_told_beforehand()
    {
        await Client.CreateAsync(Env);
        var seed = (await Client.ChangeAsync("POST", $"{Root}/bootstrap")).Must(200).Result.GetProperty("key_id").GetString();
        (await Client.GetAsync($"{Root}/operator-key")).Must(200)["key_id"].GetString().ShouldBe(seed);
        (await Client.ChangeAsync("DELETE", $"{Root}/keys/{seed}")).Must(200);
        (await Client.GetAsync($"{Root}/operator-key")).Must(200)["key_id"].GetString().ShouldBe(seed, "trusted or not");
    }

    [Fact]
    public async Task A_key_of_a_did_document_names_it()
    {
        await Client.CreateAsync(Env);
        var body = new JsonObject { ["did"] = "did:web:example.com", ["key_id"] = Key.KeyId, ["public_key_pem"] = Key.ToPem() };
        (await Client.ChangeAsync("POST", $"{Root}/did", body.ToJsonString())).Must(200);
        (await Client.GetAsync(Root))["keys"][0].GetProperty("source").GetString().ShouldBe("did:web:example.com");
        var line = (await Client.AuditAsync(Env, "?verb=add-did")).Single();
        line.GetProperty("target").GetProperty("did").GetString().ShouldBe("did:web:example.com");
        body["did"] = "did:key:x";
        (await Client.ChangeAsync("POST", $"{Root}/did", body.ToJsonString())).MustBe(400, "invalid-request");
    }
}
