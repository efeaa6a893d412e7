using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Tests.Sources;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>Issues the signed tokens that the real registry checks, to one account (and to anybody, when public).</summary>
internal sealed class TokenService : IAsyncDisposable
{
    private const string Issuer = "test-issuer";
    private const string Service = "test, registry";

    private readonly X509Certificate2 _certificate = TestCertificates.Make("tokens");
    private ScriptedServer _server = null!;

    public ConcurrentBag<string> Scopes { get; } = [];

    public static async Task<TokenService> StartAsync(string username, string password, bool isPublic = false)
    {
        var account = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}"));
        var service = new TokenService();
        service._server = await ScriptedServer.StartAsync(async context =>
        {
            var authorization = context.Request.Headers.Authorization.ToString();
            if (authorization != account && !(isPublic && authorization.Length == 0))
            {
                context.Response.StatusCode = 401;
                return;
            }

            if (context.Request.Query["service"] != Service)
            {
                context.Response.StatusCode = 400;
                return;
            }

            var scope = context.Request.Query["scope"].ToString();
            service.Scopes.Add(scope);
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { access_token = service.Issue(scope) }));
        });
        return service;
    }

    public Task<DockerRegistry> StartRegistryAsync(bool isSecure) => DockerRegistry.StartAsync(
        $"  token:\n    realm: {_server.Address}token\n    service: \"{Service}\"\n    issuer: {Issuer}\n    rootcertbundle: {{folder}}/tokens.crt",
        new() { ["tokens.crt"] = _certificate.ExportCertificatePem() },
        isSecure);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    private string Issue(string scope)
    {
        var parts = scope.Split(':');
        var now = DateTimeOffset.UtcNow;
        var header = new { typ = "JWT", alg = "RS256", x5c = new[] { Convert.ToBase64String(_certificate.RawData) } };
        var claims = new
        {
            iss = Issuer,
            sub = "ada",
            aud = Service,
            exp = now.AddMinutes(5).ToUnixTimeSeconds(),
            nbf = now.AddMinutes(-1).ToUnixTimeSeconds(),
            iat = now.ToUnixTimeSeconds(),
            jti = Guid.NewGuid().ToString(),
            access = new[] { new { type = parts[0], name = parts[1], actions = parts[2].Split(',') } },
        };
        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        using var key = _certificate.GetRSAPrivateKey()!;
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
