using System.Net.Http.Headers;
using System.Text;

namespace Gtc.Store.Server.Tests;

/// <summary>Speaks HTTP to a server, and nothing else.</summary>
public sealed class StoreClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(2) }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    private int _keys;

    public string? Token { get; set; }

    public HttpClient Http => _http;

    public Task<ServerAnswer> GetAsync(string path, string? ifNoneMatch = null) => SendAsync(HttpMethod.Get, path, null, request =>
    {
        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }
    });

    /// <summary>Changes something; without a key a fresh one is made.</summary>
    public Task<ServerAnswer> ChangeAsync(string method, string path, string? body = null, string? key = null, string? ifMatch = null) => SendAsync(new HttpMethod(method), path, body, request =>
    {
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? $"key-{Interlocked.Increment(ref _keys)}-{GetHashCode()}");
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }
    });

    public async Task<ServerAnswer> SendAsync(HttpMethod method, string path, string? body, Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (Token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        }

        more?.Invoke(request);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return new ServerAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers);
    }

    public Task<ServerAnswer> CreateAsync(string environment, string? key = null) =>
        ChangeAsync("POST", "/environments", $$$"""{"env_id":"{{{environment}}}","name":"{{{environment}}}","host_config":{"env_id":"{{{environment}}}"}}""", key);

    public Task<ServerAnswer> RenameAsync(string environment, string name, string? key = null, string? ifMatch = null) =>
        ChangeAsync("PATCH", $"/environments/{environment}", $$"""{"name":"{{name}}"}""", key, ifMatch);

    /// <summary>An environment with a trusted server key and one deployment.</summary>
    /// <returns>The deployment.</returns>
    public async Task<string> DeployAsync(string environment)
    {
        (await CreateAsync(environment)).Must(200);
        (await ChangeAsync("POST", $"/environments/{environment}/trust-root/bootstrap")).Must(200);
        return (await AddBundleAsync(environment, "main")).Must(200).Result.GetProperty("deployment_id").GetString()!;
    }

    public Task<ServerAnswer> AddBundleAsync(string environment, string bundle, string? key = null) => ChangeAsync(
        "POST",
        $"/environments/{environment}/bundles",
        $$"""{"bundle_id":"{{bundle}}","customer_id":"acme","revenue_share":[{"party_id":"greentic","basis_points":10000}]}""",
        key);

    public Task<ServerAnswer> StageAsync(string environment, string deployment, string revision) => ChangeAsync(
        "POST",
        $"/environments/{environment}/revisions",
        $$"""
        {"revision_id":"{{revision}}","deployment_id":"{{deployment}}","bundle_digest":"sha256:{{new string('a', 64)}}","bundle_source_uri":"https://bundles.example/b.gtbundle",
         "pack_list":[],"pack_list_lock_ref":"revisions/{{revision}}/pack-list.lock","pack_config_refs":[],"config_digest":"sha256:{{new string('b', 64)}}",
         "signature_sidecar_ref":"rev.sig","drain_seconds":30}
        """);

    public Task<ServerAnswer> WarmAsync(string environment, string revision, string gate = """{"ok":true}""", string? key = null) => ChangeAsync(
        "POST", $"/environments/{environment}/revisions/{revision}/warm", $$"""{"revision_id":"{{revision}}","health_gate":{{gate}},"expected_lifecycle":"staged"}""", key);

    public Task<ServerAnswer> TrafficAsync(string environment, string deployment, string entries, string? key = null) => ChangeAsync(
        "POST", $"/environments/{environment}/traffic", $$"""{"deployment_id":"{{deployment}}","entries":[{{entries}}],"updated_by":"ada"}""", key);

    public async Task<List<System.Text.Json.JsonElement>> AuditAsync(string environment, string query = "") =>
        [.. (await GetAsync($"/environments/{environment}/audit{query}")).Must(200)["events"].EnumerateArray()];

    public void Dispose() => _http.Dispose();
}
