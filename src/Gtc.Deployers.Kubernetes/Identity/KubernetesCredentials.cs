using System.Collections.Immutable;
using System.Text;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What the deployer needs of a cluster, and how that is checked, described and made (credentials.md §10).</summary>
public sealed class KubernetesCredentials : IDeployerCredentials
{
    /// <summary>Changes how a cluster is reached before it is asked, e.g. to see the calls; as it is when nothing is said.</summary>
    public Func<KubeConfig, KubeConfig> Through { get; init; } = static config => config;

    /// <inheritdoc/>
    public bool RequiresMaterial => true;

    /// <inheritdoc/>
    public bool MakesIdentities => true;

    /// <summary>The administrator's handle is a context of the kubeconfig.</summary>
    public bool NeedsAdminMaterial => false;

    /// <inheritdoc/>
    public ImmutableArray<Capability> Capabilities => Permissions.Capabilities;

    /// <inheritdoc/>
    public ImmutableArray<Capability> CapabilitiesFor(PackAnswers answers) => Permissions.CapabilitiesOf(Permissions.For(answers));

    /// <inheritdoc/>
    public string CanonicalRef(EnvId environment) => DeployerAccount.Reference(environment);

    /// <inheritdoc/>
    public async Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var needed = Permissions.For(setting.Answers);
        if (!(await IdentityAsync(setting, cancellationToken)).TryGet(out var identity, out var refusal))
        {
            var details = string.Join("; ", refusal.Details.Select(detail => $"{detail.Label}: {detail.Value}"));
            return PermissionCheck.Unreachable(needed, details.Length == 0 ? refusal.Message : $"{refusal.Message} ({details})");
        }

        using var client = new KubeClient(Through(identity.Config), setting.Timeout, setting.Time);
        return await PermissionCheck.RunAsync(client, identity.Namespace, needed, identity.Claims, setting.Time.GetUtcNow(), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (environment, ns) = (request.Setting.Environment, DeployerAccount.Namespace(request.Setting.Environment, request.Setting.Answers));
        var rules = MinimalRbac.Pack(environment, ns, Permissions.For(request.Setting.Answers), request.AdminProfile);
        return request.Bind ? await MintAsync(request, ns, rules, isFirst: true, cancellationToken) : new BootstrapResult.Described(rules);
    }

    /// <inheritdoc/>
    public Task<BootstrapResult> RotateAsync(BootstrapRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return MintAsync(request, DeployerAccount.Namespace(request.Setting.Environment, request.Setting.Answers), [], isFirst: false, cancellationToken);
    }

    /// <inheritdoc/>
    public bool IsRotationDue(CredentialMaterial material, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(material);
        return BearerClaims.IsDue(Encoding.UTF8.GetString(material.Bytes).Trim(), now);
    }

    /// <inheritdoc/>
    public string Describe(CredentialsSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        if (setting.Material is not { } material || BearerClaims.Read(Encoding.UTF8.GetString(material.Bytes).Trim()) is not { } claims)
        {
            return "the token, which does not say when it ends";
        }

        var secret = claims.BoundSecret is { } anchor ? $" of Secret {DeployerAccount.Namespace(setting.Environment, setting.Answers)}/{anchor}" : "";
        return $"the token{secret}, which counts until {KubernetesIdentity.Rfc3339(claims.ExpiresAt)}";
    }

    /// <summary>The identity may delete Secrets, so it ends itself: first the Secret with its token, then the Secret that the token is bound to.</summary>
    public async Task<ImmutableArray<string>> RevokeAsync(CredentialsSetting setting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setting);
        if (!(await IdentityAsync(setting, cancellationToken)).TryGet(out var identity, out var refusal))
        {
            return [$"the cluster still knows the identity, and its token stays valid until it expires: {refusal.Message}"];
        }

        using var client = new KubeClient(identity.Config, setting.Timeout, setting.Time);
        var mint = new TokenMint(client, setting.Environment, identity.Namespace);
        if (await mint.DeleteAsync(DeployerAccount.SecretName, cancellationToken) is { } why)
        {
            return [$"Secret {identity.Namespace}/{DeployerAccount.SecretName} and its token are still in the cluster: {why}"];
        }

        return identity.Claims?.BoundSecret is not { } anchor ? ["the token is bound to no Secret and stays valid until it expires"]
            : await mint.DeleteAsync(anchor, cancellationToken) is { } left ? [$"the token stays valid until it expires: {left}"]
            : [];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> DeleteIdentityAsync(BootstrapRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var config = Admin(request);
        if (config.Error is { } error)
        {
            return [$"the identity is still there, and its tokens stay valid: the administrator's credentials were not accepted: {error.Message}"];
        }

        using var admin = new KubeClient(config.Value!, request.Setting.Timeout, request.Setting.Time);
        var environment = request.Setting.Environment;
        return await new TokenMint(admin, environment, DeployerAccount.Namespace(environment, request.Setting.Answers)).RemoveIdentityAsync(cancellationToken);
    }

    private static KubeResult<KubeConfig> Admin(BootstrapRequest request) =>
        request.Admin is { } document ? KubeConfig.Read(document.Bytes, request.AdminProfile) : KubeConfig.Find(request.AdminProfile, request.Setting.Variable);

    private static Task<Outcome<LiveIdentity>> IdentityAsync(CredentialsSetting setting, CancellationToken cancellationToken)
    {
        var material = setting.Material is { } bytes ? Encoding.UTF8.GetString(bytes.Bytes).Trim() : null;
        var request = new IdentityRequest
        {
            Environment = setting.Environment,
            Answers = setting.Answers,
            CredentialsRef = setting.Reference ?? (material is null ? null : DeployerAccount.Reference(setting.Environment)),

            // Without a reference the given material itself is meant, so nothing may come before it.
            Variable = setting.Reference is null ? name => name.StartsWith("GREENTIC_SECRET__", StringComparison.Ordinal) ? null : setting.Variable(name) : setting.Variable,
            Stored = _ => material,
            Time = setting.Time,
            Timeout = setting.Timeout,
        };
        return KubernetesIdentity.ResolveAsync(request, cancellationToken);
    }

    private static async Task<BootstrapResult> MintAsync(BootstrapRequest request, string ns, ImmutableArray<RulesEntry> rules, bool isFirst, CancellationToken cancellationToken)
    {
        var config = Admin(request);
        if (config.Error is { } error)
        {
            return new BootstrapResult.AdminRejected(error.Message);
        }

        var admin = new KubeClient(config.Value!, request.Setting.Timeout, request.Setting.Time);
        var mint = new TokenMint(admin, request.Setting.Environment, ns);
        if (!await mint.ApplyRulesAsync(Permissions.For(request.Setting.Answers), cancellationToken) || await mint.IssueAsync(request.Lifetime, cancellationToken) is not { } issued)
        {
            admin.Dispose();
            return mint.Failure!;
        }

        var minted = new MintedToken(admin, mint, issued.Anchor, issued.Token, isFirst);
        var isDone = false;
        try
        {
            isDone = !isFirst || await mint.PublishAsync(issued.Token.Token, cancellationToken);
            return isDone ? new BootstrapResult.Minted(rules, minted) : mint.Failure!;
        }
        finally
        {
            if (!isDone)
            {
                await minted.WithdrawAsync(CancellationToken.None);
                minted.Dispose();
            }
        }
    }
}
