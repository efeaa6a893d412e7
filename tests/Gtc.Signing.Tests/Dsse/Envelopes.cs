using System.Text;
using System.Text.Json;

namespace Gtc.Signing.Tests;

public sealed class Envelopes
{
    private const string Digest = "c5199a710cb4f0f9bd3ff6e5a3d3a7d8f7f4a5f5a3d3a7d8f7f4a5f5a3d3a7d8";

    [Fact]
    public void The_pae_of_the_protocols_own_example_holds() =>
        Encoding.UTF8.GetString(Dsse.Pae("http://example.com/HelloWorld", "hello world"u8))
            .ShouldBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");

    [Fact]
    public void The_signature_of_the_protocols_own_example_verifies()
    {
        // The key pair and the signature that the DSSE protocol document gives for its example, ECDSA over P-256.
        using var key = P256PrivateKey.FromScalar(Convert.FromHexString("d73ec437fd6346e3619c5ebfdfff0f6916804955ad32ac9ac492b0ede1f6ffb7")).Value;
        Convert.ToHexStringLower(key.PublicKey.Raw).ShouldBe("04" + "67cd390f77aa359cb08c2235f652270493a9ed832b0abcc01f70954c0390d238" + "0c782bd54e269125a44f4433aff1432ce94e12bca73aa67ac80cea12608ddf74");
        var pae = Dsse.Pae("http://example.com/HelloWorld", "hello world"u8);
        var signature = Convert.FromBase64String("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
        key.PublicKey.Verify(pae, signature).ShouldBeTrue();
        key.PublicKey.Verify("hello world"u8, signature).ShouldBeFalse("it is over the encoding, not over the payload alone");
    }

    [Fact]
    public void Lengths_count_bytes_and_not_characters() =>
        Encoding.UTF8.GetString(Dsse.Pae("é", "ü"u8)).ShouldBe("DSSEv1 2 é 2 ü");

    [Fact]
    [Trait("fact", "trust-and-signing:6.2")]
    public void The_specified_payload_gets_the_specified_signature()
    {
        using var key = Keys.Seven();
        var payload = """{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":null}"""u8;
        payload.Length.ShouldBe(93);
        Encoding.UTF8.GetString(Dsse.Pae(DsseEnvelope.InTotoPayloadType, payload)).ShouldStartWith("DSSEv1 28 application/vnd.in-toto+json 93 {");

        var envelope = Dsse.Sign(payload, key);

        envelope.Signatures.Single().Sig.ShouldBe("twJwcmXK3XdrSqhw1RE0+GIH/YQA3UMGDIjHISBHwbE43ref9rJY1PYqESgvb1jmWSGNFNhY9aV9NCCAp11SDg==");
        Dsse.Verify(envelope, [Keys.Trusted(7)]).Value.KeyIds.ShouldBe(["fe812c12f3ab4ce6ac5db69ac352f906"]);
        InTotoStatement.Parse(payload.ToArray()).Value.ToBytes().ShouldBe(payload.ToArray());
    }

    [Fact]
    public void An_envelope_is_written_as_the_standard_spells_it()
    {
        using var key = Keys.Seven();
        var envelope = Dsse.Sign(Statement(Digest), key);
        using var json = JsonDocument.Parse(envelope.ToPrettyBytes());
        json.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["payloadType", "payload", "signatures"]);
        json.RootElement.GetProperty("signatures")[0].EnumerateObject().Select(member => member.Name).ShouldBe(["keyid", "sig"]);
        Encoding.UTF8.GetString(envelope.ToPrettyBytes()).ShouldContain("application/vnd.in-toto+json");
        envelope.ToPrettyBytes()[^1].ShouldBe((byte)'}');
        envelope.ToCompactBytes().ShouldNotContain((byte)'\n');
    }

    [Theory]
    [InlineData(Digest, Digest)]
    [InlineData("sha256:" + Digest, Digest)]
    [InlineData(Digest, "SHA256:" + Digest)]
    public void An_artifact_verifies_whatever_the_spelling_of_its_digest(string stated, string actual)
    {
        using var key = Keys.Seven();
        var verified = Dsse.VerifyArtifact(Dsse.Sign(Statement(stated), key).ToPrettyBytes(), actual.ToUpperInvariant(), [Keys.Trusted(7)]);
        verified.Value.KeyIds.ShouldBe([key.PublicKey.KeyId]);
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.10")]
    public void Another_artifact_and_a_changed_signature_are_told_apart()
    {
        using var key = Keys.Seven();
        var envelope = Dsse.Sign(Statement(Digest), key);
        Dsse.VerifyArtifact(envelope.ToPrettyBytes(), new string('0', 64), [Keys.Trusted(7)]).Error
            .ShouldBe(new SigningError.SubjectDigestMismatch(Digest, new string('0', 64)));

        var changed = Sign(envelope, envelope.Signatures[0] with { Sig = "AAAA" + envelope.Signatures[0].Sig[4..] });
        Dsse.VerifyArtifact(changed.ToPrettyBytes(), Digest, [Keys.Trusted(7)]).Error
            .ShouldBe(new SigningError.SignatureInvalid(key.PublicKey.KeyId));
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.11")]
    public void A_valid_signature_counts_beside_an_invalid_one()
    {
        using var a = Keys.Of(1);
        using var b = Keys.Of(2);
        var good = Dsse.Sign(Statement(Digest), b);
        var bad = Dsse.Sign("other"u8, a).Signatures[0];

        var verified = Dsse.Verify(Sign(good, bad, good.Signatures[0]), [Keys.Trusted(1), Keys.Trusted(2)]);

        verified.Value.KeyIds.ShouldBe([b.PublicKey.KeyId]);
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.11")]
    public void An_empty_key_id_matches_nothing_in_either_place()
    {
        using var key = Keys.Seven();
        var envelope = Dsse.Sign(Statement(Digest), key);
        var anonymous = Sign(envelope, envelope.Signatures[0] with { KeyId = string.Empty });
        var entry = Keys.Trusted(7) with { KeyId = string.Empty };

        Dsse.Verify(anonymous, [entry]).Error!.Kind.ShouldBe("NoTrustedKey");
        Dsse.Verify(anonymous, [Keys.Trusted(7)]).Error.ShouldBeOfType<SigningError.NoTrustedKey>();
        Dsse.Verify(envelope, [entry]).Error.ShouldBeOfType<SigningError.NoTrustedKey>();
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.3")]
    public void Without_trusted_keys_nothing_verifies()
    {
        using var key = Keys.Seven();
        var error = Dsse.Verify(Dsse.Sign(Statement(Digest), key), []).Error.ShouldBeOfType<SigningError.NoTrustedKey>();
        error.Tried.ShouldBe([key.PublicKey.KeyId]);
    }

    [Fact]
    public void Key_ids_match_without_regard_to_case()
    {
        using var key = Keys.Seven();
        var envelope = Dsse.Sign(Statement(Digest), key);
        var upper = Sign(envelope, envelope.Signatures[0] with { KeyId = key.PublicKey.KeyId.ToUpperInvariant() });
        Dsse.Verify(upper, [Keys.Trusted(7)]).Value.KeyIds.ShouldBe([key.PublicKey.KeyId]);
    }

    [Fact]
    public void Every_fault_has_its_kind()
    {
        using var key = Keys.Seven();
        var good = Dsse.Sign(Statement(Digest), key);
        var signature = good.Signatures[0];
        Kind(good with { PayloadType = "text/plain" }).ShouldBe("UnsupportedPayloadType");
        Kind(good with { Payload = "*" }).ShouldBe("Base64");
        Kind(good with { Payload = good.Payload + "\n" }).ShouldBe("Base64");
        Kind(Dsse.Sign("nope"u8, key)).ShouldBe("MalformedStatement");
        Kind(Dsse.Sign("{\"_type\":\"x\"}"u8, key)).ShouldBe("MalformedStatement");
        Kind(Dsse.Sign("[]"u8, key)).ShouldBe("MalformedStatement");
        Kind(Dsse.Sign("{\"_type\":\"\\ud800\"}"u8, key)).ShouldBe("MalformedStatement");
        Kind(Sign(good, signature with { Sig = "*" })).ShouldBe("Base64");
        Kind(Sign(good, signature with { Sig = "AAAA" })).ShouldBe("KeyDecode");
        Kind(good with { Signatures = [] }).ShouldBe("NoTrustedKey");
        Dsse.Verify(good, [Keys.Trusted(7) with { PublicKeyPem = "nope" }]).Error.ShouldBeOfType<SigningError.KeyDecode>();
        Dsse.Verify(good, [Keys.Trusted(8) with { KeyId = key.PublicKey.KeyId }]).Error.ShouldBeOfType<SigningError.KeyDecode>();
        Dsse.VerifyArtifact("{"u8, Digest, [Keys.Trusted(7)]).Error.ShouldBeOfType<SigningError.MalformedEnvelope>();
        Dsse.VerifyArtifact(Dsse.Sign(Statement(null), key).ToPrettyBytes(), Digest, [Keys.Trusted(7)]).Error.ShouldBeOfType<SigningError.NoSubjectDigest>();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"payloadType":"x","payload":"","signatures":null}""")]
    [InlineData("""{"payloadType":"x","payload":"","signatures":[null]}""")]
    [InlineData("""{"payloadType":"x","payload":"","payload":"","signatures":[]}""")]
    [InlineData("""{"payloadType":"x","payload":null,"signatures":[]}""")]
    [InlineData("""{"payloadType":"x","payload":""}""")]
    [InlineData("""{"payloadType":"\ud800","payload":"","signatures":[]}""")]
    public void What_is_no_envelope_is_refused(string json) =>
        DsseEnvelope.Parse(Keys.Utf8(json)).Error.ShouldBeOfType<SigningError.MalformedEnvelope>();

    [Fact]
    public void An_envelope_has_bounds()
    {
        DsseEnvelope.Parse(new byte[DsseEnvelope.MaxBytes + 1]).Error.ShouldBeOfType<SigningError.MalformedEnvelope>();
        var many = string.Join(',', Enumerable.Repeat("""{"sig":""}""", DsseEnvelope.MaxSignatures + 1));
        DsseEnvelope.Parse(Keys.Utf8($$"""{"payloadType":"x","payload":"","signatures":[{{many}}]}""")).Error.ShouldBeOfType<SigningError.MalformedEnvelope>();
        var deep = new string('[', 100) + new string(']', 100);
        DsseEnvelope.Parse(Keys.Utf8($$"""{"payloadType":"x","payload":"","signatures":[],"more":{{deep}}}""")).Error.ShouldBeOfType<SigningError.MalformedEnvelope>();
    }

    [Fact]
    public void Members_that_are_not_known_are_skipped()
    {
        using var key = Keys.Seven();
        var text = Encoding.UTF8.GetString(Dsse.Sign(Statement(Digest), key).ToCompactBytes());
        Dsse.VerifyArtifact(Keys.Utf8(text.Replace("{\"payloadType\"", "{\"more\":1,\"payloadType\"", StringComparison.Ordinal)), Digest, [Keys.Trusted(7)]).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void No_flipped_bit_of_an_envelope_makes_another_statement_verify()
    {
        using var key = Keys.Seven();
        var statement = Statement(Digest);
        var bytes = Dsse.Sign(statement, key).ToCompactBytes();
        var survivors = 0;
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Dsse.VerifyArtifact(flipped, Digest, [Keys.Trusted(7)]).TryGet(out var verified, out _))
            {
                verified.Statement.ToBytes().ShouldBe(statement);
                survivors++;
            }
        }

        // Only the case of the key id's letters may differ.
        survivors.ShouldBe(key.PublicKey.KeyId.Count(char.IsAsciiLetter));
    }

    private static string Kind(DsseEnvelope envelope) => Dsse.Verify(envelope, [Keys.Trusted(7)]).Error!.Kind;

    private static DsseEnvelope Sign(DsseEnvelope envelope, params DsseSignature[] signatures) => envelope with { Signatures = [.. signatures] };

    private static byte[] Statement(string? digest)
    {
        using var predicate = JsonDocument.Parse("""{"name":"Ünïcode <&>"}""");
        return new InTotoStatement { Subjects = [new("v1.json", digest)], PredicateType = "test", Predicate = predicate.RootElement.Clone() }.ToBytes();
    }
}
