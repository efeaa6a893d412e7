using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Makes the deployer's identity and its tokens with an administrator's connection (k8s-deployer.md §14.4). Each token is bound to an empty Secret of its
/// own, its anchor: the API revokes no token, but one whose anchor is deleted is refused from then on.
/// </summary>
internal sealed class TokenMint(KubeClient admin, EnvId environment, string ns)
{
    private static readonly KubeKind Secrets = KubeKind.Of("v1", "Secret")!;

    /// <summary>The step that failed, or null.</summary>
    public BootstrapResult.ProvisioningFailed? Failure { get; private set; }

    /// <summary>Applies the four objects of the rules pack.</summary>
    public async Task<bool> ApplyRulesAsync(ImmutableArray<Grant> grants, CancellationToken cancellationToken)
    {
        if (!await IsOursAsync(cancellationToken))
        {
            return false;
        }

        foreach (var item in MinimalRbac.Objects(environment, ns, grants))
        {
            var applied = await admin.ApplyAsync(KubeJson.ToElement(item), DeployerAccount.FieldManager, isForced: true, isDryRun: false, cancellationToken);
            if (applied.Error is { } error)
            {
                return Fail($"apply {item.Kind}", error.Message);
            }

            applied.Value!.Dispose();
        }

        return true;
    }

    /// <summary>Makes an anchor and a token that ends with it; null when <see cref="Failure"/> says why not.</summary>
    public async Task<(string Anchor, IssuedToken Token)?> IssueAsync(TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var made = await admin.PostAsync(Secrets.Collection(ns), JsonElement.Parse(Secret(null, DeployerAccount.AnchorComponent, null).ToJsonString()), cancellationToken);
        if (made.Error is { } error)
        {
            Fail("token-anchor", error.Message);
            return null;
        }

        using var document = made.Value!;
        if (Member(document.RootElement, "name") is not { } anchor || Member(document.RootElement, "uid") is not { } uid)
        {
            Fail("token-anchor", "the API server's answer names no object");
            return null;
        }

        var issued = await ServiceAccountTokens.RequestAsync(admin, ns, DeployerAccount.Name, lifetime, anchor, uid, cancellationToken);
        if (issued.Value is { } token && KubernetesIdentity.IsHeaderSafe(token.Token))
        {
            return (anchor, token);
        }

        Fail("token-request", issued.Error?.Message ?? "the token is no single line of printable ASCII characters");
        await DeleteAsync(anchor, CancellationToken.None);
        return null;
    }

    /// <summary>Writes the Secret that holds the newest token.</summary>
    public async Task<bool> PublishAsync(string token, CancellationToken cancellationToken)
    {
        var item = JsonElement.Parse(Secret(DeployerAccount.SecretName, DeployerAccount.IdentityComponent, token).ToJsonString());
        var applied = await admin.ApplyAsync(item, DeployerAccount.FieldManager, isForced: true, isDryRun: false, cancellationToken);
        applied.Value?.Dispose();

        // A server that refuses a Secret may quote its content.
        return applied.Error is not { } error || Fail("identity-secret", error.Message.Replace(Base64(token), "(hidden)", StringComparison.Ordinal).Replace(token, "(hidden)", StringComparison.Ordinal));
    }

    /// <summary>Deletes the anchors of every token but one; those tokens end.</summary>
    /// <returns>What could not be done, or null.</returns>
    public async Task<string?> EndOthersAsync(string anchor, CancellationToken cancellationToken)
    {
        var selector = $"{Labels.ManagedBy}=greentic,{Labels.Component}={DeployerAccount.AnchorComponent},{Labels.Environment}={Labels.ValueOf(environment)}";
        var listed = await admin.ListAsync(Secrets, ns, selector, cancellationToken);
        if (listed.Error is { } error)
        {
            return $"earlier tokens stay valid until they expire: {error.Message}";
        }

        string? left = null;
        foreach (var name in listed.Value!.Items.Select(item => Member(item, "name")).OfType<string>().Where(name => name != anchor))
        {
            left = await DeleteAsync(name, cancellationToken) is { } why ? $"the earlier token of Secret {ns}/{name} stays valid until it expires: {why}" : left;
        }

        return left;
    }

    /// <summary>Removes what <see cref="ApplyRulesAsync"/> made but the Namespace, and every Secret of a token; what is another environment's stays.</summary>
    /// <returns>What could not be done, sentences.</returns>
    public async Task<ImmutableArray<string>> RemoveIdentityAsync(CancellationToken cancellationToken)
    {
        var left = ImmutableArray.CreateBuilder<string>();
        foreach (var item in MinimalRbac.Objects(environment, ns, Permissions.All).Where(item => item is not NamespaceObject).Reverse())
        {
            var kind = KubeKind.Of(item.ApiVersion, item.Kind)!;
            var read = await admin.GetAsync(kind, ns, item.Metadata.Name!, cancellationToken);
            using var found = read.Value;
            if (read.Error is { Kind: KubeErrorKind.NotFound })
            {
                continue;
            }

            var why = read.Error?.Message ?? (OwnerOf(found!.RootElement) == Labels.ValueOf(environment) ? null : "it belongs to somebody else");
            if (why is null)
            {
                var deleted = await admin.DeleteAsync(kind, ns, item.Metadata.Name!, Member(found!.RootElement, "uid"), cancellationToken);
                deleted.Value?.Dispose();
                why = deleted.Error is { Kind: not KubeErrorKind.NotFound } error ? error.Message : null;
            }

            if (why is not null)
            {
                left.Add($"{item.Kind} {ns}/{item.Metadata.Name} is still there: {why}");
            }
        }

        foreach (var why in new[] { await EndOthersAsync("", cancellationToken), await DeleteAsync(DeployerAccount.SecretName, cancellationToken) }.OfType<string>())
        {
            left.Add(why);
        }

        return left.ToImmutable();
    }

    /// <summary>Deletes a Secret; one that is not there is deleted already.</summary>
    /// <returns>Why not, or null.</returns>
    public async Task<string?> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var deleted = await admin.DeleteAsync(Secrets, ns, name, null, cancellationToken);
        deleted.Value?.Dispose();
        return deleted.Error is { Kind: not KubeErrorKind.NotFound } error ? error.Message : null;
    }

    private async Task<bool> IsOursAsync(CancellationToken cancellationToken)
    {
        var read = await admin.GetAsync(KubeKind.Of("v1", "Namespace")!, null, ns, cancellationToken);
        using var document = read.Value;
        var owner = document is null ? null : OwnerOf(document.RootElement);
        return (read.Error, owner) switch
        {
            ({ Kind: not KubeErrorKind.NotFound } error, _) => Fail("connect", error.Message),
            (_, { } other) when other != Labels.ValueOf(environment) => Fail("apply Namespace", $"namespace {ns} belongs to environment `{other}`"),
            _ => true,
        };
    }

    private bool Fail(string step, string why)
    {
        Failure = new(step, why);
        return false;
    }

    private JsonObject Secret(string? name, string component, string? token)
    {
        var metadata = new JsonObject { ["namespace"] = ns, ["labels"] = new JsonObject([.. Labels.Of(environment, component).Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))]) };
        metadata[name is null ? "generateName" : "name"] = name ?? DeployerAccount.AnchorPrefix;
        var secret = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = metadata, ["type"] = "Opaque" };
        if (token is not null)
        {
            secret["data"] = new JsonObject { [DeployerAccount.SecretKey] = Base64(token) };
        }

        return secret;
    }

    private static string? OwnerOf(JsonElement item) =>
        item.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("labels", out var labels) && labels.TryGetProperty(Labels.Environment, out var label) ? label.GetString() : null;

    private static string Base64(string token) => Convert.ToBase64String(Encoding.UTF8.GetBytes(token));

    private static string? Member(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty(member, out var value) ? value.GetString() : null;
}
