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
/// <param name="Admin">The administrator's credentials.</param>
/// <param name="Bind">Whether to make the identity, not only to describe it.</param>
public sealed record BootstrapRequest(CredentialsSetting Setting, string AdminProfile, CredentialMaterial Admin, bool Bind);

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
