using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary>What <c>trust-root bootstrap</c> answers (op-cli.md §19).</summary>
internal sealed record TrustRootBootstrapped(string EnvironmentId, string OperatorKeyId, string OperatorPublicKeyPem, int TrustedKeyCount)
{
    /// <summary>The answer of a seeded trust root.</summary>
    public static TrustRootBootstrapped Of(EnvId environment, TrustSeed seed) =>
        new(environment.ToString(), seed.OperatorKeyId, seed.OperatorPublicKeyPem, seed.TrustedKeyCount);
}

/// <summary>One trusted key.</summary>
internal sealed record TrustRootKey(string KeyId, string PublicKeyPem);

/// <summary>What <c>trust-root list</c> answers.</summary>
internal sealed record TrustRootList(string EnvironmentId, IReadOnlyList<TrustRootKey> Keys);
