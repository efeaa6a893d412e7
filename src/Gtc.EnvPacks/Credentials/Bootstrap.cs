using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Gtc.EnvPacks;

/// <summary>Credentials that are held for the length of one command. Disposing overwrites them.</summary>
public sealed class CredentialMaterial : IDisposable
{
    private readonly byte[] _bytes;

    /// <summary>Copies bytes into memory that the collector does not move; the caller overwrites its own copy.</summary>
    public CredentialMaterial(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>The bytes, UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>Never the material.</summary>
    public override string ToString() => "(hidden)";
}

/// <summary>What a bootstrap gets.</summary>
/// <param name="Setting">Where.</param>
/// <param name="AdminProfile">The handle of the administrator's identity; the only part of it that is recorded.</param>
/// <param name="Admin">The administrator's credentials; null when the handle says where they are.</param>
/// <param name="Bind">Whether to make the identity, not only to describe it.</param>
public sealed record BootstrapRequest(CredentialsSetting Setting, string AdminProfile, CredentialMaterial? Admin, bool Bind)
{
    /// <summary>How long new credentials should live; the platform may give less.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>One file of a rules pack: what an administrator reviews and applies.</summary>
/// <param name="FileName">Its name relative to the pack's folder.</param>
/// <param name="Content">Its text; never a secret.</param>
/// <param name="Description">What it is, or null.</param>
public sealed record RulesEntry(string FileName, string Content, string? Description);

/// <summary>How a bootstrap ended.</summary>
public abstract record BootstrapResult
{
    private BootstrapResult()
    {
    }

    /// <summary>The identity is described.</summary>
    /// <param name="Rules">The rules pack.</param>
    public sealed record Described(ImmutableArray<RulesEntry> Rules) : BootstrapResult;

    /// <summary>The identity is there, and these are its credentials.</summary>
    /// <param name="Rules">The rules pack.</param>
    /// <param name="Credentials">The credentials; the caller keeps or withdraws them, and disposes them.</param>
    public sealed record Minted(ImmutableArray<RulesEntry> Rules, IMintedCredentials Credentials) : BootstrapResult;

    /// <summary>There is nothing to bootstrap.</summary>
    /// <param name="Why">Why, one sentence without a final full stop.</param>
    public sealed record NotApplicable(string Why) : BootstrapResult;

    /// <summary>The administrator's credentials were not accepted.</summary>
    /// <param name="Why">Why, one sentence without a final full stop.</param>
    public sealed record AdminRejected(string Why) : BootstrapResult;

    /// <summary>A step failed.</summary>
    /// <param name="Step">Which.</param>
    /// <param name="Why">Why, one sentence without a final full stop.</param>
    public sealed record ProvisioningFailed(string Step, string Why) : BootstrapResult;
}

/// <summary>Credentials that were just made, and the administrator's connection by which they are completed or taken back.</summary>
public interface IMintedCredentials : IDisposable
{
    /// <summary>The credentials.</summary>
    CredentialMaterial Material { get; }

    /// <summary>How long they live, as the platform says.</summary>
    CredentialsExpiry Expiry { get; }

    /// <summary>Called once the environment has them: earlier ones end.</summary>
    /// <returns>What could not be done, a sentence, or null.</returns>
    Task<string?> SettleAsync(CancellationToken cancellationToken);

    /// <summary>Called when the environment could not keep them: they end, and the platform is as before.</summary>
    /// <returns>What could not be done, a sentence, or null.</returns>
    Task<string?> WithdrawAsync(CancellationToken cancellationToken);
}
