using System.Text;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Oci;

public class RegistryAccessTests
{
    private const string Password = "correct horse";

    // bcrypt of the password above, cost 5.
    private const string Passwords = "ada:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n";

    private static readonly byte[] Content = Bytes.Of(200_000);

    [Fact]
    public async Task Basic_credentials_open_the_registry_over_TLS()
    {
        using var registry = await StartWithPasswordsAsync(isSecure: true);
        using var transport = TestCertificates.Trusting();
        var source = $"oci://{registry.Authority}/app:1";

        (await Push.RunAsync(source, Content, Push.With("ada", Password), transport)).Refusal?.AllText().ShouldBeNull();
        (await Pull.RunAsync(source, Push.With("ada", Password), transport: transport)).Outcome.Value.Digest.ShouldBe(Content.Digest());
    }

    [Fact]
    public async Task Without_or_with_wrong_basic_credentials_nothing_is_had_and_nothing_is_told()
    {
        using var registry = await StartWithPasswordsAsync(isSecure: true);
        using var transport = TestCertificates.Trusting();
        var source = $"oci://{registry.Authority}/app:1";

        var none = (await Pull.RunAsync(source, transport: transport)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        none.Detail("cause").ShouldBe("the registry asks for credentials");
        none.Next!.ShouldContain("OCI_USERNAME");

        var wrong = (await Pull.RunAsync(source, Push.With("ada", "battery staple"), transport: transport)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        wrong.Detail("cause").ShouldBe("the registry refused the credentials");
        wrong.AllText().ShouldNotContain("battery");
        wrong.AllText().ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:battery staple")));

        var pushed = (await Push.RunAsync(source, Content, Push.With("ada", "battery staple"), transport)).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        pushed.Detail("code").ShouldBe("PushFailed");
        pushed.AllText().ShouldNotContain("battery");
    }

    [Fact]
    public async Task A_listed_registry_with_credentials_is_still_spoken_to_over_TLS()
    {
        using var registry = await StartWithPasswordsAsync(isSecure: false);
        var options = Push.With("ada", Password) with { InsecureRegistries = [registry.Authority] };

        (await Pull.RunAsync($"oci://{registry.Authority}/app:1", options)).Outcome.Refusal!.Detail("cause").ShouldNotBeNull().ShouldStartWith("TLS failed");
    }

    [Fact]
    public async Task A_token_service_is_asked_with_the_credentials()
    {
        await using var tokens = await TokenService.StartAsync("ada", Password);
        using var registry = await tokens.StartRegistryAsync(isSecure: true);
        using var transport = TestCertificates.Trusting();
        var source = $"oci://{registry.Authority}/team/app:1";

        var pushed = await Push.RunAsync(source, Content, Push.With("ada", Password), transport);
        pushed.Refusal?.AllText().ShouldBeNull();
        (await Pull.RunAsync(source, Push.With("ada", Password), transport: transport)).Outcome.Value.Digest.ShouldBe(Content.Digest());
        tokens.Scopes.ShouldContain("repository:team/app:pull");
        tokens.Scopes.ShouldContain(static scope => scope.Contains("push", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_service_that_refuses_is_told_without_the_password()
    {
        await using var tokens = await TokenService.StartAsync("ada", Password);
        using var registry = await tokens.StartRegistryAsync(isSecure: true);
        using var transport = TestCertificates.Trusting();
        var source = $"oci://{registry.Authority}/team/app:1";

        var wrong = (await Pull.RunAsync(source, Push.With("ada", "battery staple"), transport: transport)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        wrong.Detail("cause").ShouldBe("the registry's token service refused the credentials");
        wrong.AllText().ShouldNotContain("battery");
        wrong.Detail("attempts").ShouldBe("1");

        var anonymous = (await Pull.RunAsync(source, transport: transport)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        anonymous.Detail("cause").ShouldBe("the registry's token service asks for credentials");
    }

    [Fact]
    public async Task An_anonymous_token_opens_a_public_repository()
    {
        await using var tokens = await TokenService.StartAsync("ada", Password, isPublic: true);
        using var registry = await tokens.StartRegistryAsync(isSecure: false);
        var options = Push.Plain(registry.Authority);
        var source = $"oci://{registry.Authority}/public:1";

        (await Push.RunAsync(source, Content, options)).Refusal?.AllText().ShouldBeNull();
        (await Pull.RunAsync(source, options)).Outcome.Value.Digest.ShouldBe(Content.Digest());
    }

    [Fact]
    public async Task A_token_service_without_TLS_gets_no_credentials_of_a_distant_registry()
    {
        await using var thief = await ScriptedServer.StartAsync(static _ => Task.CompletedTask);
        await using var registry = await ScriptedServer.StartAsync(
            static context =>
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Bearer realm=\"http://tokens.example/token\",service=\"registry\"";
                return Task.CompletedTask;
            },
            TestCertificates.Loopback);
        using var transport = TestCertificates.Trusting();
        transport.ConnectCallback = LoopbackDial.To(("tokens.example", thief.Address.Port), ("127.0.0.1", registry.Address.Port));
        var (outcome, _) = await Pull.RunAsync($"oci://{registry.Authority}/app:1", Push.With("ada", Password), transport: transport);

        outcome.Refusal!.Message.ShouldContain("not reached over https");
        thief.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_that_would_forge_a_header_is_not_used()
    {
        await using var registry = await ScriptedServer.StartAsync(static context =>
        {
            if (context.Request.Path == "/token")
            {
                return context.Response.WriteAsync("""{"token":"a\r\nX-Forged: 1"}""");
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{context.Request.Host}/token\"";
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync($"oci://{registry.Authority}/app:1", Push.Plain(registry.Authority));

        outcome.Refusal!.Detail("cause").ShouldBe("the registry's token service answered without a usable token");
    }

    [Fact]
    public async Task Googles_registries_take_the_machines_own_token()
    {
        await using var metadata = await ScriptedServer.StartAsync(static context => context.Request.Headers["Metadata-Flavor"] == "Google"
            ? context.Response.WriteAsync("""{"access_token":"machine-token","expires_in":3599,"token_type":"Bearer"}""")
            : Task.CompletedTask);
        var fake = new FakeRegistry();
        var digest = fake.AddBundle("team/app", "1", Content);
        await using var registry = await ScriptedServer.StartAsync(
            context =>
            {
                if (context.Request.Headers.Authorization.Count > 0)
                {
                    return fake.AnswerAsync(context);
                }

                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"gcr\"";
                return Task.CompletedTask;
            },
            TestCertificates.Loopback);
        using var transport = TestCertificates.Trusting();
        transport.ConnectCallback = LoopbackDial.To(
            ("metadata.google.internal", metadata.Address.Port), ("europe-docker.pkg.dev", registry.Address.Port));
        var (outcome, _) = await Pull.RunAsync("oci://europe-docker.pkg.dev/team/app:1", transport: transport);

        outcome.Value.ManifestDigest.ShouldBe(digest);
        registry.Requests.Last()["Authorization"].ShouldBe("Basic " + Convert.ToBase64String("oauth2accesstoken:machine-token"u8));
    }

    private static Task<DockerRegistry> StartWithPasswordsAsync(bool isSecure) => DockerRegistry.StartAsync(
        "  htpasswd:\n    realm: lab\n    path: {folder}/htpasswd", new() { ["htpasswd"] = Passwords }, isSecure);
}
