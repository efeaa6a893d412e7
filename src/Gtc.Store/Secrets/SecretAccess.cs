namespace Gtc.Store;

/// <summary>What a store of secrets takes from the process.</summary>
/// <param name="Variable">Reads an environment variable; null when it is not set.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">Makes keys, salts and nonces; outside tests the operating system's generator.</param>
public sealed record SecretAccess(Func<string, string?> Variable, TimeProvider Time, RandomSource Random)
{
    internal string? Filled(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
