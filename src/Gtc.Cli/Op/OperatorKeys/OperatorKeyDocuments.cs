using System.Collections.Immutable;

namespace Gtc.Cli.Op.OperatorKeys;

/// <summary>What <c>operator-key rotate</c> takes.</summary>
internal sealed record RotatePayload
{
    /// <summary>Every environment that trusts the present key when none is named.</summary>
    public ImmutableArray<string> EnvironmentIds { get => field.IsDefault ? [] : field; init; }
}

/// <summary>What <c>operator-key show</c> answers.</summary>
internal sealed record OperatorKeyShown(string KeyId, string Algorithm, string Path, string PublicKeyPem, IReadOnlyList<string> TrustedBy);

/// <summary>What <c>operator-key rotate</c> answers.</summary>
internal sealed record OperatorKeyRotated(string OldKeyId, string NewKeyId, string NewPublicKeyPem, string RetiredKeyPath, IReadOnlyList<RotatedIn> Environments);

/// <summary>What a rotation did in one environment.</summary>
internal sealed record RotatedIn(string EnvironmentId, int RevisionsSigned, int PoliciesSigned, IReadOnlyList<string> Skipped);
