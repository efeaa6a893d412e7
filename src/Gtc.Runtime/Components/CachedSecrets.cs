using System.Globalization;
using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>Writes a secret in the name of a component.</summary>
internal delegate Task<HostFault?> SecretWrite(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken);

/// <summary>
/// Secrets of components, each kept for a while (flows-and-components.md §6). One that is not there is looked for anew each time: whoever puts it does not want
/// to wait.
/// </summary>
/// <param name="find">Looks for a secret where it is kept.</param>
/// <param name="write">Writes one there.</param>
/// <param name="lifetime">How long a value is kept; zero keeps none.</param>
/// <param name="time">The clock.</param>
internal sealed class CachedSecrets(
    Func<SecretUri, HostAnswer<ReadOnlyMemory<byte>>> find, SecretWrite write, TimeSpan lifetime, TimeProvider time) : IComponentSecrets
{
    private const string Variable = "SECRETS_CACHE_TTL_SECS";
    private const int Capacity = 512;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(300);

    private readonly Lock _lock = new();
    private readonly Dictionary<SecretUri, Kept> _kept = [];

    /// <summary>How long values are kept: what the variable says, else five minutes.</summary>
    public static TimeSpan Lifetime(Func<string, string?> variable) =>
        uint.TryParse(variable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : Usual;

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(secret, out var kept) && time.GetElapsedTime(kept.At) < lifetime)
            {
                return kept.Value;
            }
        }

        var found = find(secret);
        lock (_lock)
        {
            _kept.Remove(secret);
            if (found.Fault is null)
            {
                if (_kept.Count >= Capacity)
                {
                    _kept.Remove(_kept.MinBy(pair => pair.Value.At).Key);
                }

                _kept[secret] = new(found.Value, time.GetTimestamp());
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken)
    {
        var fault = await write(secret, value, caller, cancellationToken);
        lock (_lock)
        {
            _kept.Remove(secret);
        }

        return fault;
    }

    private sealed record Kept(ReadOnlyMemory<byte> Value, long At);
}
