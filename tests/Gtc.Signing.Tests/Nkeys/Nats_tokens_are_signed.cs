using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gtc.Signing.Tests;

public sealed class Nats_tokens_are_signed
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void A_user_has_the_claims_that_the_server_reads()
    {
        using var account = NkeyPair.Create(NkeyKind.Account, RandomNumberGenerator.Fill);
        using var user = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        var jwt = NatsJwt.SignUser(
            account,
            new NatsUserGrant
            {
                User = user.PublicKey.Text,
                Name = "pi-1",
                IssuerAccount = "AACC",
                Expires = Now.AddMinutes(15),
                Publish = ["a.>"],
                Subscribe = ["b.>"],
                Answers = 1,
                MaxSubscriptions = 32,
                MaxPayload = 131072,
                ConnectionTypes = ["STANDARD"],
            },
            Now);

        var parts = jwt.Split('.');
        Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).ShouldBe("""{"typ":"JWT","alg":"ed25519-nkey"}""");
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        claims["jti"]!.GetValue<string>().Length.ShouldBe(64);
        claims.AsObject().Remove("jti");
        claims.ToJsonString().ShouldBe(
            $$$"""{"iat":1800000000,"exp":1800000900,"iss":"{{{account.PublicKey}}}","sub":"{{{user.PublicKey}}}","name":"pi-1","nats":{"type":"user","version":2,"issuer_account":"AACC","subs":32,"data":-1,"payload":131072,"pub":{"allow":["a.\u003E"]},"sub":{"allow":["b.\u003E"]},"resp":{"max":1,"ttl":5000000000},"allowed_connection_types":["STANDARD"]}}""");
        var facts = NatsJwt.Read(jwt).Value;
        (facts.Type, facts.Issuer.Text, facts.Subject, facts.Name, facts.Expires).ShouldBe(("user", account.PublicKey.Text, user.PublicKey.Text, "pi-1", Now.AddMinutes(15)));
    }

    [Fact]
    public void A_changed_token_is_refused()
    {
        using var key = NkeyPair.Create(NkeyKind.Operator, RandomNumberGenerator.Fill);
        var jwt = NatsJwt.SignOperator(key, "op", "ASYS", Now);
        var parts = jwt.Split('.');
        var forged = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("ASYS", "AEVL", StringComparison.Ordinal)));

        NatsJwt.Read(jwt).Value.Type.ShouldBe("operator");
        NatsJwt.Read($"{parts[0]}.{forged}.{parts[2]}").Error.ShouldBeOfType<SigningError.SignatureInvalid>();
        foreach (var text in new List<string> { "", "a.b", "a.b.c", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.!.{parts[2]}", new('x', 70_000), $"{Base64Url.EncodeToString("{\"alg\":\"none\"}"u8)}.{parts[1]}.{parts[2]}" })
        {
            NatsJwt.Read(text).IsOk.ShouldBeFalse(text.Length > 100 ? "long" : text);
        }
    }
}
