using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Deployers.Fleet;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Cli.Conformance;

/// <summary>Accounts of the cluster that the deployer of fleets is tested as.</summary>
/// <param name="client">Whoever may make them.</param>
/// <param name="home">The namespace that they live in.</param>
/// <param name="run">The run, which names what is not in a namespace.</param>
/// <param name="time">The clock.</param>
internal sealed class FleetAccounts(KubeClient client, string home, string run, TimeProvider time)
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Manager = "gtc-conformance";
    private const int Seconds = 3600;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Lets an account do with devices what the deployer needs.</summary>
    public async Task GrantDevicesAsync(string account, CancellationToken cancellationToken)
    {
        await ApplyAsync(new Role { ApiVersion = $"{Rbac}/v1", Kind = "ClusterRole", Metadata = new() { Name = run }, Rules = Rules("devices") }, cancellationToken);
        await ApplyAsync(Binding("ClusterRoleBinding", "ClusterRole", run, new() { Name = run }, account), cancellationToken);
        await UntilGrantedAsync(account, "devices", null, cancellationToken);
    }

    /// <summary>Lets an account do in a namespace what the deployer needs.</summary>
    public async Task GrantDeploymentsAsync(string account, string ns, CancellationToken cancellationToken)
    {
        await ApplyAsync(new Role { ApiVersion = $"{Rbac}/v1", Kind = "Role", Metadata = new() { Name = account, Namespace = ns }, Rules = Rules("deployments") }, cancellationToken);
        await ApplyAsync(Binding("RoleBinding", "Role", account, new() { Name = account, Namespace = ns }, account), cancellationToken);
        await UntilGrantedAsync(account, "deployments", ns, cancellationToken);
    }

    /// <summary>Makes an account if it is not there.</summary>
    /// <returns>A token of it.</returns>
    public async Task<string> TokenAsync(string account, CancellationToken cancellationToken)
    {
        await ApplyAsync(new ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = new() { Name = account, Namespace = home } }, cancellationToken);
        using var answer = Must(await client.PostAsync(
            $"{KubeKind.Of("v1", "ServiceAccount")!.Item(home, account)}/token",
            JsonElement.Parse($$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[],"expirationSeconds":{{Seconds}} } }"""),
            cancellationToken));
        return answer.RootElement.GetProperty("status").GetProperty("token").GetString()!;
    }

    /// <summary>Removes what is in no namespace.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in (string[])["ClusterRoleBinding", "ClusterRole"])
        {
            (await client.DeleteAsync(KubeKind.Of($"{Rbac}/v1", kind)!, null, run, null, cancellationToken)).Value?.Dispose();
        }
    }

    /// <summary>Rights count a moment after they are written: the API server follows its own objects by a watch.</summary>
    private async Task UntilGrantedAsync(string account, string resource, string? ns, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        foreach (var verb in FleetCredentials.Needs.Where(need => need.Resource == resource).Select(need => need.Verb))
        {
            var attributes = new JsonObject { ["group"] = FleetApi.Group, ["resource"] = resource, ["verb"] = verb, ["namespace"] = ns };
            var review = new JsonObject
            {
                ["apiVersion"] = "authorization.k8s.io/v1",
                ["kind"] = "SubjectAccessReview",
                ["spec"] = new JsonObject { ["user"] = $"system:serviceaccount:{home}:{account}", ["resourceAttributes"] = attributes },
            };
            while (!await IsAllowedAsync(JsonElement.Parse(review.ToJsonString()), cancellationToken))
            {
                if (time.GetElapsedTime(began) > Patience)
                {
                    throw new InvalidOperationException($"{account} may not {verb} {resource} {Patience.TotalSeconds:0} s after it was granted");
                }

                await Task.Delay(Beat, time, cancellationToken);
            }
        }
    }

    private async Task<bool> IsAllowedAsync(JsonElement review, CancellationToken cancellationToken)
    {
        using var answer = Must(await client.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, cancellationToken));
        return answer.RootElement.TryGetProperty("status", out var status) && status.TryGetProperty("allowed", out var allowed) && allowed.GetBoolean();
    }

    /// <summary>What the requirements list, and nothing besides.</summary>
    private static ImmutableArray<PolicyRule> Rules(string resource) =>
        [new() { ApiGroups = [FleetApi.Group], Resources = [resource], Verbs = [.. FleetCredentials.Needs.Where(need => need.Resource == resource).Select(need => need.Verb)] }];

    private static JsonDocument Must(KubeResult<JsonDocument> result) => result.Value ?? throw new InvalidOperationException($"the cluster refused what the check needs: {result.Error!.Message}");

    private RoleBinding Binding(string kind, string roleKind, string role, ObjectMeta metadata, string account) => new()
    {
        ApiVersion = $"{Rbac}/v1",
        Kind = kind,
        Metadata = metadata,
        RoleRef = new() { ApiGroup = Rbac, Kind = roleKind, Name = role },
        Subjects = [new() { Kind = "ServiceAccount", Name = account, Namespace = home }],
    };

    private async Task ApplyAsync(KubeObject item, CancellationToken cancellationToken) =>
        Must(await client.ApplyAsync(KubeJson.ToElement(item), Manager, isForced: true, isDryRun: false, cancellationToken)).Dispose();
}
