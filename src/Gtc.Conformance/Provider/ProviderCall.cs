namespace Gtc.Conformance;

/// <summary>One call that a deployer made to its provider.</summary>
/// <param name="Operation">What was asked, e.g. <c>apply Deployment gtc-worker-…</c>.</param>
/// <param name="Mutates">Whether it changes something.</param>
public sealed record ProviderCall(string Operation, bool Mutates);
