using System.Collections.Immutable;

namespace Gtc.Signing;

/// <summary>A statement whose signature fits.</summary>
/// <param name="Statement">What was signed.</param>
/// <param name="KeyIds">The trusted keys that signed it, in envelope order, at least one.</param>
public sealed record VerifiedStatement(InTotoStatement Statement, ImmutableArray<string> KeyIds);
