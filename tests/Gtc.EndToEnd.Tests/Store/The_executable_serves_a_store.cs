using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gtc.EndToEnd.Tests.Store;

/// <summary>The published file, trimmed as it is, answers the contract of the store.</summary>
public sealed class The_executable_serves_a_store
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_keys_tags_signatures_and_a_description_of_itself()
    {
        using var home = new FreshHome();
        using var process = home.Gtc.Start(["store", "serve", "--listen", "127.0.0.1:0", "--format", "json"]);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
            using var http = new HttpClient { BaseAddress = new Uri(JsonNode.Parse(line!)!["result"]!["address"]!.GetValue<string>()) };
            var created = await ChangeAsync(http, HttpMethod.Post, "environments", "create", JsonNode.Parse("""{"env_id":"shop","name":"Shop","host_config":{"env_id":"shop"}}"""));
            created["generation"]!.GetValue<int>().ShouldBe(1);
            (await ChangeAsync(http, HttpMethod.Post, "environments/shop/trust-root/bootstrap", "trust", null))["result"]!["trusted_key_count"]!.GetValue<int>().ShouldBe(1);
            var bundle = JsonNode.Parse("""{"bundle_id":"main","customer_id":"acme","revenue_share":[{"party_id":"p","basis_points":10000}]}""");
            var added = await ChangeAsync(http, HttpMethod.Post, "environments/shop/bundles", "add", bundle);
            added["result"]!["revenue_policy_ref"]!.GetValue<string>().ShouldEndWith("v1.json.sig");
            (await ChangeAsync(http, HttpMethod.Post, "environments/shop/bundles", "add", bundle))["idempotency"]!["idempotency"]!.GetValue<string>().ShouldBe("replayed");
            (await http.GetFromJsonAsync<JsonNode>("environments/shop/watch?from=1", Token))!["generation"]!.GetValue<int>().ShouldBe(2);
            (await http.GetFromJsonAsync<JsonNode>("environments/shop/history", Token))!["generations"]!.AsArray().Count.ShouldBe(2);
            var published = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "reference", "store-openapi.json"), Token);
            JsonNode.DeepEquals(await http.GetFromJsonAsync<JsonNode>("openapi.json", Token), JsonNode.Parse(published)).ShouldBeTrue();
            using var unknown = await http.GetAsync("environments/none", Token);
            (await unknown.Content.ReadFromJsonAsync<JsonNode>(Token))!["kind"]!.GetValue<string>().ShouldBe("not-found");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
    }

    private static async Task<JsonNode> ChangeAsync(HttpClient http, HttpMethod method, string path, string key, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        ((int)answer.StatusCode).ShouldBe(200, text);
        return JsonNode.Parse(text)!;
    }
}
