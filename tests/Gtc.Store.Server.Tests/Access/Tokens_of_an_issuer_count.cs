using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gtc.Signing.Tests.Jose;

namespace Gtc.Store.Server.Tests.Access;

/// <summary>OIDC tokens against a server and an issuer on loopback.</summary>
public sealed class Tokens_of_an_issuer_count : IAsyncLifetime
{
    private const string Env = "staging";

    private readonly FileLab _lab = new();
    private readonly ManualTime _time = new();
    private TestIssuer _issuer = null!;
    private StoreClient _client = null!;

    private string AccessFile => Path.Combine(_lab.Folder, "access.json");

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        Write(Tokens.Entry("root", "admin"), _issuer.Entry(
            "\"group\":\"ops\",\"role\":\"admin\"",
            $"\"group\":\"shop\",\"role\":\"operator\",\"env_ids\":[\"{Env}\"],\"verbs\":[\"env.update\"]",
            "\"group\":\"watchers\",\"role\":\"read-only\",\"env_ids\":[\"prod\"]",
            "\"subject\":\"svc\",\"role\":\"operator\""));
        _client = await _lab.StartAsync(options => options with { Tokens = AccessFile, Time = _time, StrangerLimit = new RateLimit(100_000, 1) });
        _client.Token = "root";
        (await _client.CreateAsync(Env)).Must(200);
        (await _client.CreateAsync("prod")).Must(200);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _lab.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("EdDSA")]
    public async Task Groups_are_roles(string algorithm)
    {
        _client.Token = _issuer.Token(_time, "ada", "\"groups\":[\"ops\",\"else\"]", algorithm);
        var audit = (await _client.RenameAsync(Env, "x")).Must(200)["audit"];
        audit.GetProperty("actor").GetProperty("kind").GetString().ShouldBe("oidc");
        audit.GetProperty("actor").GetProperty("user").GetString().ShouldBe("ada");
        audit.GetProperty("authorization").GetProperty("policy").GetString().ShouldBe("oidc");
        audit.GetProperty("authorization").GetProperty("reason").GetString()!.ShouldContain(_issuer.Url);
        _issuer.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task Grants_of_several_groups_stay_apart()
    {
        // Changes one environment, reads another: neither right leaks into the other's environment.
        _client.Token = _issuer.Token(_time, "eve", "\"groups\":[\"shop\",\"watchers\"]");
        (await _client.RenameAsync(Env, "x")).Must(200);
        (await _client.GetAsync("/environments/prod")).Must(200);
        (await _client.RenameAsync("prod", "x")).MustBe(403, "unauthorized");
        (await _client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap")).MustBe(403, "unauthorized");
        (await _client.CreateAsync("third")).MustBe(403, "unauthorized");
        (await _client.GetAsync("/environments"))["environments"].GetArrayLength().ShouldBe(2);

        _client.Token = _issuer.Token(_time, "svc");
        (await _client.RenameAsync("prod", "x")).Must(200);
    }

    [Fact]
    public async Task Who_is_known_and_granted_nothing_is_403_and_on_record()
    {
        _client.Token = _issuer.Token(_time, "mallory", "\"groups\":[\"OPS\"]");
        (await _client.GetAsync($"/environments/{Env}")).MustBe(403, "unauthorized");
        (await _client.RenameAsync(Env, "x")).MustBe(403, "unauthorized");
        (await _client.GetAsync("/environments")).MustBe(403, "unauthorized");
        _client.Token = "root";
        (await _client.AuditAsync(Env, "?actor=mallory")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_not_as_it_must_be_is_401()
    {
        using var stranger = new TokenMint("first-");
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        string Claims(long exp, string audience = "gtc-store", string? issuer = null, string more = "") => $$"""{"iss":"{{issuer ?? _issuer.Url}}","aud":"{{audience}}","sub":"ada","groups":["ops"],"exp":{{exp}}{{more}}}""";
        var good = _issuer.Token(_time, "ada", "\"groups\":[\"ops\"]");
        _client.Token = good;
        (await _client.GetAsync("/environments")).Must(200);

        var tokens = new Dictionary<string, string>
        {
            ["expired"] = _issuer.Token(_time, "", claims: Claims(now - 1)),
            ["not yet valid"] = _issuer.Token(_time, "", claims: Claims(now + 60, more: $",\"nbf\":{now + 10}")),
            ["wrong audience"] = _issuer.Token(_time, "", claims: Claims(now + 60, "another")),
            ["wrong issuer"] = _issuer.Token(_time, "", claims: Claims(now + 60, issuer: _issuer.Url + "/")),
            ["alg none"] = $"{TokenMint.Text("""{"alg":"none"}""")}.{TokenMint.Text(Claims(now + 60))}.",
            ["key confusion"] = Confused(Claims(now + 60)),
            ["unknown kid"] = _issuer.Token(_time, "", claims: Claims(now + 60), header: """{"alg":"ES256","kid":"nobody"}"""),
            ["another's key under the same name"] = _issuer.Token(_time, "", claims: Claims(now + 60), signer: stranger),
            ["oversized"] = _issuer.Token(_time, "", claims: Claims(now + 60, more: $",\"x\":\"{new string('y', 9000)}\"")),
            ["tampered"] = string.Join('.', good.Split('.')[0], TokenMint.Text(Claims(now + 6000)), good.Split('.')[2]),
            ["critical"] = _issuer.Token(_time, "", claims: Claims(now + 60), header: """{"alg":"ES256","kid":"first-ES256","crit":["x"]}"""),
        };
        foreach (var (what, token) in tokens)
        {
            _client.Token = token;
            var answer = await _client.GetAsync("/environments");
            answer.Status.ShouldBe(401, what);
            answer.Kind.ShouldBe("unauthorized", what);
            answer.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        }
    }

    [Fact]
    public async Task A_new_key_counts_at_once_and_an_old_one_no_more_when_the_keys_are_fetched_again()
    {
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        using var old = _issuer.Rotate();
        (await _client.GetAsync("/environments")).Must(200);

        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        _issuer.Fetches.ShouldBe(2);
        _client.Token = _issuer.Token(_time, "svc", signer: old);
        (await _client.GetAsync("/environments")).Must(401);
    }

    [Fact]
    public async Task Stale_keys_go_on_while_they_are_fetched_beside_the_requests()
    {
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        _time.Advance(TimeSpan.FromMinutes(6));
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        await Eventually.HoldsAsync(() => Task.FromResult(_issuer.Fetches == 2));
    }

    [Fact]
    public async Task An_issuer_that_is_away_changes_nothing_for_a_day()
    {
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        _issuer.Instead = context =>
        {
            context.Response.StatusCode = 500;
            return null;
        };
        _time.Advance(TimeSpan.FromHours(23));
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).Must(200);
        await Eventually.HoldsAsync(() => Task.FromResult(_issuer.Fetches == 2));

        _time.Advance(TimeSpan.FromHours(2));
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).MustBe(503, "unavailable").Headers.RetryAfter.ShouldNotBeNull();
        _client.Token = "root";
        (await _client.GetAsync("/environments")).Must(200);

        _issuer.Instead = null;
        _client.Token = _issuer.Token(_time, "svc");
        await Eventually.HoldsAsync(async () => (await _client.GetAsync("/environments")).Status == 200);
    }

    [Fact]
    public async Task Unknown_keys_do_not_make_the_issuer_busy()
    {
        for (var index = 0; index < 50; index++)
        {
            _client.Token = _issuer.Token(_time, "svc", header: $$"""{"alg":"ES256","kid":"{{index}}"}""");
            (await _client.GetAsync("/environments")).Must(401);
        }

        _issuer.Fetches.ShouldBeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData("""{"issuer":"https://another.example","jwks_uri":"URL/keys"}""")]
    [InlineData("""{"issuer":"URL","jwks_uri":"http://keys.example/keys"}""")]
    [InlineData("""{"issuer":"URL"}""")]
    [InlineData("""{"issuer":"URL","issuer":"URL","jwks_uri":"URL/keys"}""")]
    [InlineData("""{"issuer":"\ud800","jwks_uri":"URL/keys"}""")]
    [InlineData("redirect")]
    [InlineData("long")]
    public async Task A_discovery_document_that_is_not_as_it_must_be_leads_nowhere(string document)
    {
        _issuer.Instead = context => document switch
        {
            "redirect" => Redirect(context),
            "long" => new string(' ', 300_000),
            _ => document.Replace("URL", _issuer.Url, StringComparison.Ordinal),
        };
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.GetAsync("/environments")).MustBe(503, "unavailable");
        _issuer.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task A_grant_that_is_taken_back_counts_no_more_not_even_for_an_answer_that_stands()
    {
        _client.Token = _issuer.Token(_time, "svc");
        (await _client.RenameAsync(Env, "secret", "key")).Must(200);
        (await _client.RenameAsync(Env, "secret", "key")).Must(200).Idempotency.ShouldBe("replayed");
        Write(Tokens.Entry("root", "admin"), _issuer.Entry("\"group\":\"ops\",\"role\":\"admin\""));
        await Eventually.HoldsAsync(async () => (await _client.GetAsync($"/environments/{Env}")).Status == 403);
        (await _client.RenameAsync(Env, "secret", "key")).MustBe(403, "unauthorized").Text.ShouldNotContain("secret");

        Write(Tokens.Entry("root", "admin"), null);
        await Eventually.HoldsAsync(async () => (await _client.GetAsync($"/environments/{Env}")).Status == 401);
        (await _client.RenameAsync(Env, "secret", "key")).MustBe(401, "unauthorized").Text.ShouldNotContain("secret");
    }

    private static string? Redirect(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers.Location = "/keys";
        return null;
    }

    private string Confused(string claims)
    {
        var signed = $"{TokenMint.Text("""{"alg":"HS256","kid":"first-RS256"}""")}.{TokenMint.Text(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(_issuer.Mint.PublicPem()), Encoding.ASCII.GetBytes(signed)))}";
    }

    private void Write(string token, string? issuer)
    {
        File.WriteAllText(AccessFile + ".new", $$"""{"schema":"greentic.store-rbac.v1","tokens":[{{token}}]{{(issuer is null ? "" : $",\"issuers\":[{issuer}]")}}}""");
        File.Move(AccessFile + ".new", AccessFile, overwrite: true);
    }
}
