using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Where the secrets of an environment are. Thread-safe.</summary>
public interface IComponentSecrets
{
    /// <summary>Reads a secret.</summary>
    /// <returns>Its value, or a fault with the code <c>not-found</c> or <c>internal</c>, which never says anything about the value.</returns>
    HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret);

    /// <summary>Writes a secret, new or not, in the name of a component.</summary>
    /// <returns>Null, or a fault with the code <c>denied</c> or <c>internal</c>, which never says anything about the value.</returns>
    Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken);
}
