using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_did_is_resolved : IDisposable
{
    private readonly TrustLab _lab = new();

    private static string Ed25519Jwk => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{Url(Key.PublicKey.Raw)}}"}""";

    private static Ed25519PrivateKey Key => Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Over_https_on_loopback_the_keys_are_trusted_in_document_order()
    {
        using var server = new TlsServer();
        using var p256 = P256PrivateKey.FromScalar(Enumerable.Repeat((byte)7, 32).ToArray()).Value;
        var raw = p256.PublicKey.Raw;
        var did = Did($"did:web:localhost%3A{server.Port}:ops");
        var served = server.AnswerAsync(Document(
            did.Text,
            $$"""["#p","{{did.Text}}#e","#rsa"]""",
            $$$"""{"id":"{{{did.Text}}}#e","publicKeyJwk":{{{Ed25519Jwk}}}},{"id":"#p","publicKeyJwk":{"kty":"EC","crv":"P-256","x":"{{{Url(raw[1..33])}}}","y":"{{{Url(raw[33..])}}}"}},{"id":"#rsa","publicKeyJwk":{"kty":"RSA","n":"AA","e":"AQAB"}}"""));
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == server.Thumbprint;

        var document = (await new DidResolver(handler).ResolveAsync(did, Workbench.Cancellation)).Value;

        (await served).ShouldStartWith("GET /ops/did.json HTTP/1.1\r\n");
        document.Keys.Select(key => key.KeyId).ShouldBe([p256.PublicKey.KeyId, Key.PublicKey.KeyId]);
        document.Skipped.ShouldBe(["#rsa"]);
        await _lab.PrepareAsync();
        var added = (await _lab.Roots.AddDidAsync(TrustLab.Prod, did, document.Keys, "k", Workbench.Cancellation)).Value;
        added.KeyIds.ShouldBe([p256.PublicKey.KeyId, Key.PublicKey.KeyId]);
        added.TrustedKeyCount.ShouldBe(3);
        _lab.Root.Keys[1].Source.ShouldBe(did.Text);
        _lab.Bench.AuditLines("prod")[^1].GetProperty("target").GetProperty("did").GetString().ShouldBe(did.Text);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var server = new TlsServer();
        var served = server.AnswerAsync("{}");
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        (await new DidResolver(handler).ResolveAsync(Did($"did:web:localhost%3A{server.Port}"), Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        (await served).ShouldBeEmpty("it was asked for nothing");
    }

    [Theory]
    [Trait("fact", "trust-and-signing:6.17")]
    [InlineData("[]", "authorises no key")]
    [InlineData(null, "authorises no key")]
    [InlineData("[\"#missing\"]", "names no verification method")]
    [InlineData("[5]", "names no verification method")]
    [InlineData("[\"#rsa\"]", "no key that it authorises")]
    public async Task A_document_without_an_assertion_key_is_an_error(string? assertions, string why)
    {
        await _lab.PrepareAsync();
        var before = _lab.Root.ToFile();
        var refusal = (await ResolveAsync(HttpStatusCode.OK, Document("did:web:example.com", assertions, """{"id":"#rsa","publicKeyJwk":{"kty":"RSA"}}"""))).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        refusal.Message.ShouldContain(why);
        ErrorKinds.Of(refusal).ShouldBe("fetch");
        _lab.Root.ToFile().ShouldBe(before);
    }

    [Fact]
    public async Task Answers_that_are_no_document_are_refused()
    {
        (await ResolveAsync(HttpStatusCode.Found, "")).Refusal!.Message.ShouldContain("302");
        (await ResolveAsync(HttpStatusCode.NotFound, "")).Refusal!.Message.ShouldContain("404");
        (await ResolveAsync(HttpStatusCode.OK, "<html>")).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        (await ResolveAsync(HttpStatusCode.OK, Document("did:web:other.example", "[]", ""))).Refusal!.Message.ShouldContain("did:web:other.example");
        (await ResolveAsync(HttpStatusCode.OK, new string(' ', DidDocument.MaxBytes + 1))).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        (await ResolveAsync(HttpStatusCode.OK, new string('[', 5000))).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        var broken = $$$"""{"id":"#k","publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}}""";
        (await ResolveAsync(HttpStatusCode.OK, Document("did:web:example.com", """["#k"]""", broken))).Refusal!.Message.ShouldContain("32 bytes");
    }

    [Fact]
    public async Task A_multibase_key_and_an_embedded_method_are_read()
    {
        // The example of the did:key specification.
        const string method = """{"id":"#m","type":"Ed25519VerificationKey2020","publicKeyMultibase":"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"}""";
        var keys = (await ResolveAsync(HttpStatusCode.OK, Document("did:web:example.com", $"[{method}]", ""))).Value.Keys;
        Convert.ToHexStringLower(keys.Single().Raw).ShouldBe("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
    }

    [Theory]
    [InlineData("did:web:example.com", "https://example.com/.well-known/did.json")]
    [InlineData("did:web:example.com%3A8443", "https://example.com:8443/.well-known/did.json")]
    [InlineData("did:web:example.com%3a8443:a:b", "https://example.com:8443/a/b/did.json")]
    public void Identifiers_say_where_their_document_is(string did, string document) => Did(did).Document.ToString().ShouldBe(document);

    [Theory]
    [InlineData("")]
    [InlineData("did:key:z6Mk")]
    [InlineData("did:web:")]
    [InlineData("did:web:example.com/x")]
    [InlineData("did:web:user@example.com")]
    [InlineData("did:web:127.0.0.1")]
    [InlineData("did:web:[::1]")]
    [InlineData("did:web:example.com%3A0")]
    [InlineData("did:web:example.com%3A99999")]
    [InlineData("did:web:example.com%3A80%3A81")]
    [InlineData("did:web:example.com:..:x")]
    [InlineData("did:web:example.com::x")]
    [InlineData("did:web:example.com:a%2Fb")]
    [InlineData("did:web:example.com#key")]
    public void What_is_no_identifier_is_refused(string did) => DidWeb.Parse(did).Error.ShouldBeOfType<SigningError.MalformedDid>();

    private static DidWeb Did(string text) => DidWeb.Parse(text).Value;

    private static string Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string Document(string id, string? assertions, string methods) =>
        $$"""{"id":"{{id}}","verificationMethod":[{{methods}}]{{(assertions is null ? "" : $",\"assertionMethod\":{assertions}")}}}""";

    private static Task<Outcome<DidDocument>> ResolveAsync(HttpStatusCode status, string body) =>
        new DidResolver(new FixedAnswer(status, body)).ResolveAsync(Did("did:web:example.com"), Workbench.Cancellation);

    private sealed class FixedAnswer(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri!.Scheme.ShouldBe("https");
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
        }
    }

    /// <summary>Answers one request on loopback with a certificate of its own.</summary>
    private sealed class TlsServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;

        public TlsServer()
        {
            _listener.Start();
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            _certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string Thumbprint => _certificate.GetCertHashString();

        /// <summary>Answers, and says what was asked; nothing when the client turned away.</summary>
        public async Task<string> AnswerAsync(string body)
        {
            try
            {
                return await AnswerOnceAsync(body);
            }
            catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
            {
                return "";
            }
        }

        private async Task<string> AnswerOnceAsync(string body)
        {
            using var connection = await _listener.AcceptTcpClientAsync(Workbench.Cancellation);
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(_certificate);
            var buffer = new byte[8192];
            var read = await tls.ReadAsync(buffer, Workbench.Cancellation);
            if (read == 0)
            {
                return "";
            }

            await tls.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"), Workbench.Cancellation);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }
    }
}
