using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>What bootstrapping answers.</summary>
/// <param name="OperatorKeyId">The operator key's id.</param>
/// <param name="OperatorPublicKeyPem">The operator key's public half as SPKI PEM.</param>
/// <param name="TrustedKeyCount">How many keys are trusted now.</param>
public sealed record TrustSeed(string OperatorKeyId, string OperatorPublicKeyPem, int TrustedKeyCount);

/// <summary>What adding a key answers.</summary>
/// <param name="AddedKeyId">The id as the caller spelt it.</param>
/// <param name="TrustedKeyCount">How many keys are trusted now.</param>
public sealed record TrustAddition(string AddedKeyId, int TrustedKeyCount);

/// <summary>What removing a key answers.</summary>
/// <param name="RemovedKeyId">The id as the caller spelt it.</param>
/// <param name="RemovedPublicKeyPem">The key, so that it can be added again; null when it was not there.</param>
/// <param name="TrustedKeyCount">How many keys are trusted now.</param>
public sealed record TrustRemoval(string RemovedKeyId, string? RemovedPublicKeyPem, int TrustedKeyCount);

/// <summary>What adding the keys of a DID document answers.</summary>
/// <param name="KeyIds">The keys, in document order.</param>
/// <param name="TrustedKeyCount">How many keys are trusted now.</param>
public sealed record DidAddition(ImmutableArray<string> KeyIds, int TrustedKeyCount);
