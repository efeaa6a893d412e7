using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Server.Tests.Access;

public sealed class The_server_speaks_TLS : IAsyncLifetime
{
    private readonly FileLab _lab = new();
    private TestAuthority _authority = null!;
    private StoreTlsFiles _files = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_lab.Folder);
        _authority = new TestAuthority(_lab.Folder, "authority");
        var (certificate, key) = _authority.Server("server");
        _files = new StoreTlsFiles(certificate, key);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _authority.Dispose();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task A_client_believes_the_authority_that_it_is_given_and_no_other()
    {
        using var other = new TestAuthority(_lab.Folder, "other");
        using var _ = await StartAsync(Tokens.Entry("ada", "admin"));
        _lab.Address.Scheme.ShouldBe("https");
        (await ListAsync(new StoreTransport { AuthorityFile = _authority.CertificateFile }, "ada")).IsOk.ShouldBeTrue();
        (await ListAsync(StoreTransport.Default, "ada")).Refusal.ShouldBeOfType<Refusal.Unreachable>();
        (await ListAsync(new StoreTransport { AuthorityFile = other.CertificateFile }, "ada")).Refusal.ShouldBeOfType<Refusal.Unreachable>();
        (await ListAsync(new StoreTransport { AuthorityFile = _authority.CertificateFile }, null)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_and_a_broken_one_changes_nothing()
    {
        using var client = await StartAsync(Tokens.Entry("ada", "admin"));
        var first = await ShownAsync();
        _authority.Server("server");
        await Eventually.HoldsAsync(async () => await ShownAsync() != first);
        var second = await ShownAsync();

        File.WriteAllText(_files.CertificateFile, "nonsense");
        await Eventually.HoldsAsync(async () => (await MetricsAsync()).Contains("gtc_store_file_reloads_total{file=\"tls\",result=\"refused\"}", StringComparison.Ordinal));
        (await ShownAsync()).ShouldBe(second);
        _authority.Server("server");
        await Eventually.HoldsAsync(async () => await ShownAsync() != second);
    }

    [Fact]
    public async Task Old_versions_are_not_spoken()
    {
        using var _ = await StartAsync(Tokens.Entry("ada", "admin"));
#pragma warning disable CA5397, SYSLIB0039 // That they are refused is what is asked.
        await Should.ThrowAsync<Exception>(() => ShownAsync(SslProtocols.Tls | SslProtocols.Tls11));
#pragma warning restore CA5397, SYSLIB0039
        (await ShownAsync(SslProtocols.Tls12)).ShouldBe(await ShownAsync(SslProtocols.Tls13));
    }

    [Fact]
    public async Task A_certificate_stands_for_a_caller_by_any_of_its_names()
    {
        await StartMutualAsync();
        foreach (var (file, actor) in new[]
        {
            (_authority.Client("by-subject", "CN=ci,O=Acme"), "by-subject"),
            (_authority.Client("by-dns", "CN=x", dns: "CI.example"), "by-dns"),
            (_authority.Client("by-uri", "CN=y", uri: "spiffe://acme/ci"), "by-uri"),
        })
        {
            var body = Encoding.UTF8.GetBytes($$$"""{"env_id":"{{{actor}}}","name":"x","host_config":{"env_id":"{{{actor}}}"}}""");
            using var store = Open(With(file), null);
            var made = await store.ChangeAsync(
                new RemoteRequest(EnvId.TryParse(actor, out var id) ? id : default, "env", "create") { Method = HttpMethod.Post, Segments = null, Body = body, Key = actor }, Token);
            made.Value.Audit.Actor.ShouldBe(new AuditActor("certificate", actor));
            made.Value.Audit.Authorization.Policy.ShouldBe("client-certificates");
        }
    }

    [Fact]
    public async Task A_certificate_that_nobody_granted_anything_is_a_stranger_and_one_that_nobody_signed_is_not_let_in()
    {
        await StartMutualAsync();
        using var other = new TestAuthority(_lab.Folder, "other");
        foreach (var subject in (string[])["CN=nobody", "O=Acme,CN=ci", "CN=ci", "CN=ci.example", "CN=CI,O=Acme"])
        {
            (await ListAsync(With(_authority.Client("nobody", subject)), null)).Refusal.ShouldBeOfType<Refusal.Unauthorized>(subject);
        }

        (await ListAsync(With(other.Client("foreign", "CN=ci,O=Acme")), null)).Refusal.ShouldBeOfType<Refusal.Unreachable>();
        (await ListAsync(With(_authority.Client("server-use", "CN=ci,O=Acme", isForServers: true)), null)).Refusal.ShouldBeOfType<Refusal.Unreachable>();
    }

    [Fact]
    public async Task Without_a_certificate_a_token_counts_and_with_both_the_token_does()
    {
        await StartMutualAsync();
        var shown = With(_authority.Client("by-subject", "CN=ci,O=Acme"));
        (await ListAsync(new StoreTransport { AuthorityFile = _authority.CertificateFile }, "ada")).IsOk.ShouldBeTrue();
        (await ListAsync(new StoreTransport { AuthorityFile = _authority.CertificateFile }, null)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        (await ListAsync(shown, null)).IsOk.ShouldBeTrue();
        (await ListAsync(shown, "unknown")).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
    }

    [Fact]
    public async Task A_revoked_certificate_is_a_stranger_from_the_moment_that_the_list_says_so()
    {
        var (revoked, other) = (_authority.Client("by-subject", "CN=ci,O=Acme"), _authority.Client("by-dns", "CN=x", dns: "ci.example"));
        var until = DateTimeOffset.UtcNow.AddDays(1);
        _files = _files with { RevocationFile = _authority.Revoke("lists", until) };
        await StartMutualAsync();
        (await ListAsync(With(revoked), null)).IsOk.ShouldBeTrue();
        _authority.Revoke("lists", until, revoked.Certificate);
        await Eventually.HoldsAsync(async () => (await ListAsync(With(revoked), null)).Refusal is Refusal.Unauthorized { Message: "the client certificate is revoked" });
        (await ListAsync(With(other), null)).IsOk.ShouldBeTrue();

        // A list that was broken on its way changes nothing; one that has ended lets nobody pass.
        File.WriteAllText(_files.RevocationFile, "nonsense");
        await Eventually.HoldsAsync(async () => (await MetricsAsync()).Contains("""gtc_store_file_reloads_total{file="tls",result="refused"}""", StringComparison.Ordinal));
        (await ListAsync(With(revoked), null)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        (await ListAsync(With(other), null)).IsOk.ShouldBeTrue();
        _authority.Revoke("lists", DateTimeOffset.UtcNow.AddMinutes(-1));
        await Eventually.HoldsAsync(async () => (await ListAsync(With(other), null)).Refusal is Refusal.Unauthorized { Message: var why } && why.Contains("has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_no_authority_made_is_refused()
    {
        using var other = new TestAuthority(_lab.Folder, "other");
        using var namesake = new TestAuthority(Directory.CreateDirectory(Path.Combine(_lab.Folder, "namesake")).FullName, "authority");
        var until = DateTimeOffset.UtcNow.AddDays(1);
        foreach (var (authority, name) in new[] { (other, "other"), (namesake, "namesake") })
        {
            var files = _files with { ClientAuthorityFile = _authority.CertificateFile, RevocationFile = authority.Revoke(name, until) };
            (await TryAsync(files, Tokens.Write(_lab, Tokens.Entry("ada", "admin")))).Refusal!.Message.ShouldContain("was not made by one of the authorities");
        }

        var flipped = PemEncoding.Find(File.ReadAllText(_authority.Revoke("flipped", until)));
        var der = Convert.FromBase64String(File.ReadAllText(Path.Combine(_lab.Folder, "flipped.crl"))[flipped.Base64Data]);
        for (var at = 0; at < der.Length; at++)
        {
            der[at] ^= 1;
            CertificateList.Parse(der).Match(list => list.IsBy(X509CertificateLoader.LoadCertificateFromFile(_authority.CertificateFile)), _ => false).ShouldBeFalse($"byte {at}");
            der[at] ^= 1;
        }

        CertificateList.Parse(der).Value.IsBy(X509CertificateLoader.LoadCertificateFromFile(_authority.CertificateFile)).ShouldBeTrue();
        (await TryAsync(_files with { ClientAuthorityFile = _authority.CertificateFile, RevocationFile = _authority.CertificateFile }, Tokens.Write(_lab, Tokens.Entry("ada", "admin")))).Refusal!.Message
            .ShouldContain("holds no list");
    }

    [Fact]
    public async Task Files_that_do_not_belong_together_are_refused()
    {
        var (_, foreign) = _authority.Server("another");
        (await TryAsync(_files with { KeyFile = foreign })).Refusal.ShouldNotBeNull();
        (await TryAsync(_files with { CertificateFile = Path.Combine(_lab.Folder, "absent") })).Refusal!.Message.ShouldContain("cannot be read");
        (await TryAsync(_files with { ClientAuthorityFile = _files.KeyFile }, Tokens.Write(_lab, Tokens.Entry("ada", "admin")))).Refusal!.Message.ShouldContain("no certificate");

        // Certificates that nothing makes believable, and believable ones that may do nothing.
        var path = Path.Combine(_lab.Folder, "access.json");
        File.WriteAllText(path, """{"schema":"greentic.store-rbac.v1","certificates":[{"dns":"a","actor":"a","role":"admin"}]}""");
        (await TryAsync(_files, path)).Refusal!.Message.ShouldContain("--client-ca");
        (await TryAsync(_files with { ClientAuthorityFile = _authority.CertificateFile })).Refusal!.Message.ShouldContain("access file");

        StoreTransport.Default.Open(StoreTarget.Of("https://a", null).Value).Value.Dispose();
        (StoreTransport.Default with { CertificateFile = "x" }).Open(StoreTarget.Of("http://localhost", null).Value).Refusal!.Message.ShouldContain("no TLS");
        (StoreTransport.Default with { KeyFile = "x" }).Open(StoreTarget.Of("https://a", null).Value).Refusal!.Message.ShouldContain("without a certificate");
    }

    private StoreTransport With((string Certificate, string Key) files) =>
        new() { AuthorityFile = _authority.CertificateFile, CertificateFile = files.Certificate, KeyFile = files.Key };

    private async Task<StoreClient> StartAsync(string token)
    {
        var path = Tokens.Write(_lab, token);
        return await _lab.StartAsync(options => options with { Tokens = path, Tls = _files, StrangerLimit = new RateLimit(100_000, 1) });
    }

    private async Task StartMutualAsync()
    {
        var path = Path.Combine(_lab.Folder, "access.json");
        File.WriteAllText(path, $$"""
            {"schema":"greentic.store-rbac.v1",
             "tokens":[{{Tokens.Entry("ada", "admin")}}],
             "certificates":[
               {"subject":"CN=ci, O=Acme","actor":"by-subject","role":"operator"},
               {"dns":"ci.example","actor":"by-dns","role":"operator"},
               {"uri":"spiffe://acme/ci","actor":"by-uri","role":"operator"}]}
            """);
        using var _ = await _lab.StartAsync(options => options with
        {
            Tokens = path,
            Tls = _files with { ClientAuthorityFile = _authority.CertificateFile },
            StrangerLimit = new RateLimit(100_000, 1),
        });
    }

    private async Task<Outcome<StoreServer>> TryAsync(StoreTlsFiles files, string? access = null) => await StoreServer.StartAsync(
        new StoreServerOptions
        {
            Listen = new(IPAddress.Loopback, 0),
            Storage = await _lab.OpenAsync(),
            OperatorKey = new OperatorKeyFile(_lab.OperatorKeyPath, System.Security.Cryptography.RandomNumberGenerator.Fill),
            Tls = files,
            Tokens = access,
        },
        Token);

    private RemoteStore Open(StoreTransport transport, string? token)
    {
        var target = StoreTarget.Of(_lab.Address.ToString(), token).Value;
        return new RemoteStore(target, transport.Open(target).Value);
    }

    private async Task<Outcome<System.Collections.Immutable.ImmutableArray<EnvId>>> ListAsync(StoreTransport transport, string? token)
    {
        using var store = Open(transport, token);
        return await store.ListAsync(Token);
    }

    private async Task<string> MetricsAsync()
    {
        using var client = new HttpClient(new StoreTransport { AuthorityFile = _authority.CertificateFile }.Open(StoreTarget.Of(_lab.Address.ToString(), null).Value).Value);
        return await client.GetStringAsync(new Uri(_lab.Address, "metrics"), Token);
    }

    /// <summary>The certificate that a new connection is shown.</summary>
    private async Task<string> ShownAsync(SslProtocols protocols = SslProtocols.None)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _lab.Address.Port, Token);
        await using var stream = new SslStream(new NetworkStream(socket));
        using var believed = X509CertificateLoader.LoadCertificateFromFile(_authority.CertificateFile);
        var policy = TlsFiles.Believing([believed]);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocols, CertificateChainPolicy = policy }, Token);
        return stream.RemoteCertificate!.GetCertHashString();
    }
}
