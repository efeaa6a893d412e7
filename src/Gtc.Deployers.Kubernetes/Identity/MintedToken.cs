using System.Security.Cryptography;
using System.Text;
using Gtc.EnvPacks;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>A token that was just made.</summary>
internal sealed class MintedToken : IMintedCredentials
{
    private readonly KubeClient _admin;
    private readonly TokenMint _mint;
    private readonly string _anchor;
    private readonly bool _isFirst;
    private readonly IssuedToken _token;

    /// <param name="admin">The administrator's connection; closed with the token.</param>
    /// <param name="mint">What made it.</param>
    /// <param name="anchor">The Secret that it ends with.</param>
    /// <param name="token">The token.</param>
    /// <param name="isFirst">Whether the identity was made with it: then the Secret in the cluster is written already, and withdrawn with it.</param>
    public MintedToken(KubeClient admin, TokenMint mint, string anchor, IssuedToken token, bool isFirst)
    {
        (_admin, _mint, _anchor, _isFirst, _token) = (admin, mint, anchor, isFirst, token);
        var bytes = Encoding.UTF8.GetBytes(token.Token);
        Material = new(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        Expiry = new(token.ExpiresAt, BearerClaims.Read(token.Token) is { } claims ? claims.RotateAt : null);
    }

    public CredentialMaterial Material { get; }

    public CredentialsExpiry Expiry { get; }

    /// <summary>On a rotation the cluster's Secret is written last, so that it never holds a token that the environment lacks (credentials.md §7).</summary>
    public async Task<string?> SettleAsync(CancellationToken cancellationToken) =>
        !_isFirst && !await _mint.PublishAsync(_token.Token, cancellationToken)
            ? $"the Secret in the cluster still holds the token before, which stays valid until it expires: {_mint.Failure!.Why}"
            : await _mint.EndOthersAsync(_anchor, cancellationToken);

    public async Task<string?> WithdrawAsync(CancellationToken cancellationToken)
    {
        var kept = _isFirst ? await _mint.DeleteAsync(DeployerAccount.SecretName, cancellationToken) : null;
        return await _mint.DeleteAsync(_anchor, cancellationToken) is { } why
            ? $"a token that nobody holds stays valid until {KubernetesIdentity.Rfc3339(Expiry.ExpiresAt)}: {why}"
            : kept is null ? null : $"Secret {DeployerAccount.SecretName} holds a token that has ended: {kept}";
    }

    public void Dispose()
    {
        Material.Dispose();
        _admin.Dispose();
    }
}
