using System.Collections.Concurrent;
using System.Net;
using Gtc.Signing.Tests.Jose;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gtc.Store.Server.Tests.Access;

/// <summary>An issuer of tokens on loopback: its discovery document, its keys, and how often it was asked.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _asked = new();
    private TokenMint _mint = new("first-");

    private TestIssuer(WebApplication application) => _application = application;

    public string Url { get; private set; } = "";

    /// <summary>What it answers with in place of its documents, or null.</summary>
    public Func<HttpContext, string?>? Instead { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int Fetches => _asked.Count(path => path == "/.well-known/openid-configuration");

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var issuer = new TestIssuer(application);
        application.Run(issuer.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        issuer.Url = application.Urls.Single();
        return issuer;
    }

    /// <summary>An entry of the access file.</summary>
    public string Entry(params string[] grants) =>
        $$"""{"issuer":"{{Url}}","audiences":["gtc-store","other"],"clock_skew_seconds":0,"grants":[{{string.Join(',', grants.Select(grant => $"{{{grant}}}"))}}]}""";

    /// <summary>A token that counts for five minutes from the clock's time.</summary>
    public string Token(TimeProvider time, string subject, string more = "", string algorithm = "ES256", string? claims = null, string? header = null, TokenMint? signer = null) => (signer ?? _mint).Sign(
        algorithm,
        claims ?? $$"""{"iss":"{{Url}}","aud":["gtc-store"],"sub":"{{subject}}","exp":{{time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds()}}{{(more.Length > 0 ? "," + more : "")}}}""",
        header);

    public TokenMint Mint => _mint;

    /// <summary>Publishes other keys from now on, and signs with them.</summary>
    public TokenMint Rotate()
    {
        var before = _mint;
        _mint = new TokenMint("second-");
        return before;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _mint.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        _asked.Enqueue(context.Request.Path);
        var mint = _mint;
        var text = Instead is { } instead ? instead(context) : context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => $$"""{"issuer":"{{Url}}","jwks_uri":"{{Url}}/keys","id_token_signing_alg_values_supported":["RS256"]}""",
            "/keys" => $$"""{"keys":[{{mint.Jwk("RS256")}},{{mint.Jwk("ES256")}},{{mint.Jwk("EdDSA")}}]}""",
            _ => null,
        };
        if (text is null)
        {
            context.Response.StatusCode = context.Response.StatusCode == 200 ? 404 : context.Response.StatusCode;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync(text);
    }
}
