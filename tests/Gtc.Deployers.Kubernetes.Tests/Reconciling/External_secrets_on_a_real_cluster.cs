using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>On an API server that was taught the kind, with no operator behind it: what is asked for is accepted, idle, and goes with its answer.</summary>
[Collection(KubeLab.OneAfterTheOther)]
public sealed class External_secrets_on_a_real_cluster(KubeLab lab)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Definition = "externalsecrets.external-secrets.io";
    private const string Answers = """{"external_secrets":"acme/_/crm/token=prod/crm#token","external_secrets_store":"vault","secret_env":"acme/_/billing/api_key=billing/key"}""";

    private static readonly ReconcileOptions NoWait = new() { Wait = null };

    private readonly string _namespace = $"t-{Guid.NewGuid():n}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One after the other: the kind is of the whole cluster.</summary>
    [Fact]
    public async Task They_are_of_the_version_that_the_cluster_knows_idle_and_go_with_their_answers()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var absent = (await TryAsync(proxy, Running(Answers))).Refusal.ShouldBeOfType<Refusal.Conflict>();
        absent.Message.ShouldContain("External Secrets");
        proxy.Writes.ShouldBeEmpty();

        foreach (var version in (string[])["v1beta1", "v1"])
        {
            await TeachAsync(proxy, version);

            // Nothing can be tried in a namespace that is not there.
            await ConvergedAsync(proxy, Running("{}"));
            proxy.Asked.Clear();
            var dry = await ConvergedAsync(proxy, Running(Answers), NoWait with { IsDryRun = true });
            dry.Applied.ShouldContain(item => item.Item.Kind == "ExternalSecret" && item.Item.ApiVersion == $"external-secrets.io/{version}" && item.Outcome == ObjectOutcome.Created);
            proxy.Writes.ShouldContain(line => line.Contains($"/external-secrets.io/{version}/", StringComparison.Ordinal));
            proxy.Writes.ShouldAllBe(line => line.EndsWith("&dryRun=All", StringComparison.Ordinal));
            await ConvergedAsync(proxy, Running(Answers));
            proxy.Asked.Clear();
            (await ConvergedAsync(proxy, Running(Answers))).Applied.ShouldAllBe(item => item.Outcome == ObjectOutcome.Unchanged);
            proxy.Writes.ShouldBeEmpty();

            (await ConvergedAsync(proxy, Running("{}"))).Pruned.Select(item => item.Kind).ShouldContain("ExternalSecret");
            using var client = proxy.Client();
            (await client.GetAsync(KubeKind.Of($"external-secrets.io/{version}", "ExternalSecret")!, _namespace, "gtc-external-secrets", Token)).Error!.Kind.ShouldBe(KubeErrorKind.NotFound);
            await ForgetAsync(proxy);
        }
    }

    private static Rendered Running(string answers) => new Rendered { Answers = answers }.With(Rendered.First, RevisionLifecycle.Ready, 10_000, "oci://registry.test/bundle");

    /// <summary>Makes the kind known, with the members that are checked and those that the operator would default left open.</summary>
    private static async Task TeachAsync(RecordingProxy proxy, string version)
    {
        using var http = new HttpClient { BaseAddress = proxy.Address };
        using var content = new StringContent(
            $$"""
            {
              "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "{{Definition}}" },
              "spec": {
                "group": "external-secrets.io", "scope": "Namespaced",
                "names": { "kind": "ExternalSecret", "listKind": "ExternalSecretList", "plural": "externalsecrets", "singular": "externalsecret" },
                "versions": [{
                  "name": "{{version}}", "served": true, "storage": true,
                  "schema": { "openAPIV3Schema": { "type": "object", "properties": { "spec": { "type": "object", "required": ["data", "secretStoreRef"], "properties": {
                    "refreshInterval": { "type": "string" },
                    "secretStoreRef": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "kind": { "type": "string", "enum": ["SecretStore", "ClusterSecretStore"] } } },
                    "target": { "type": "object", "properties": { "name": { "type": "string" }, "creationPolicy": { "type": "string", "default": "Owner" }, "deletionPolicy": { "type": "string", "default": "Retain" } } },
                    "data": { "type": "array", "items": { "type": "object", "required": ["remoteRef", "secretKey"], "properties": {
                      "secretKey": { "type": "string", "maxLength": 253, "pattern": "^[-._a-zA-Z0-9]+$" },
                      "remoteRef": { "type": "object", "required": ["key"], "properties": { "key": { "type": "string" }, "property": { "type": "string" }, "decodingStrategy": { "type": "string", "default": "None" } } } } } } } } } } }
                }]
              }
            }
            """,
            System.Text.Encoding.UTF8,
            "application/json");
        (await http.PostAsync(new Uri(Definitions, UriKind.Relative), content, Token)).EnsureSuccessStatusCode();
        await UntilAsync(http, status => status.TryGetProperty("status", out var state) && state.TryGetProperty("conditions", out var conditions) && conditions.ValueKind == JsonValueKind.Array
            && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Established" && condition.GetProperty("status").GetString() == "True"));

        // Discovery follows the definition a moment later.
        using var client = proxy.Client();
        while (!(await client.VersionsAsync("external-secrets.io", Token)).Value!.Contains($"external-secrets.io/{version}")
            || (await client.ListAsync(KubeKind.Of($"external-secrets.io/{version}", "ExternalSecret")!, "default", null, Token)).Error is not null)
        {
            await Task.Delay(50, Token);
        }
    }

    private static async Task ForgetAsync(RecordingProxy proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Address };
        (await http.DeleteAsync(new Uri($"{Definitions}/{Definition}", UriKind.Relative), Token)).EnsureSuccessStatusCode();
        await UntilAsync(http, status => status.TryGetProperty("code", out var code) && code.GetInt32() == 404);
        using var client = proxy.Client();
        while ((await client.VersionsAsync("external-secrets.io", Token)).Value!.Length > 0)
        {
            await Task.Delay(50, Token);
        }
    }

    private static async Task UntilAsync(HttpClient http, Func<JsonElement, bool> isThere)
    {
        while (true)
        {
            using var answer = JsonDocument.Parse(await http.GetStringAnywayAsync($"{Definitions}/{Definition}", Token));
            if (isThere(answer.RootElement))
            {
                return;
            }

            await Task.Delay(50, Token);
        }
    }

    private async Task<ReconcileReport> ConvergedAsync(RecordingProxy proxy, Rendered wanted, ReconcileOptions? options = null)
    {
        (await TryAsync(proxy, wanted, options)).TryGet(out var report, out var refusal).ShouldBeTrue(refusal?.ToString());
        return report!;
    }

    private async Task<Outcome<ReconcileReport>> TryAsync(RecordingProxy proxy, Rendered wanted, ReconcileOptions? options = null)
    {
        using var client = proxy.Client();
        return await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings() with { Namespace = _namespace }, options ?? NoWait, Token);
    }
}

/// <summary>Reads bodies of failures too.</summary>
internal static class HttpAnswers
{
    public static async Task<string> GetStringAnywayAsync(this HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }
}
