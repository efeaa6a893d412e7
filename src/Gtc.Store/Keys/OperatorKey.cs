using Gtc.Signing;

namespace Gtc.Store;

/// <summary>The operator's signing key, loaded. Dispose it to overwrite the seed.</summary>
public sealed class OperatorKey : IDisposable
{
    internal OperatorKey(string path, PrivateKey key)
    {
        Path = path;
        Key = key;
    }

    /// <summary>The file that it is from.</summary>
    public string Path { get; }

    /// <summary>The key.</summary>
    public PrivateKey Key { get; }

    /// <summary>The id of its public half.</summary>
    public string KeyId => Key.PublicKey.KeyId;

    /// <summary>Its public half as SPKI PEM.</summary>
    public string PublicKeyPem => Key.PublicKey.ToPem();

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    /// <summary>Path and id; never the seed.</summary>
    public override string ToString() => $"operator key {KeyId} at {Path}";
}
