using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>A source does not compile. Thrown inside the builder and turned into a refusal at its public boundary.</summary>
/// <param name="code">The rule, in the specification's spelling, e.g. <c>MissingNode</c>.</param>
/// <param name="message">What is wrong and where.</param>
internal sealed class CompileFault(string code, string message) : Exception(message)
{
    public Refusal Refusal => new Refusal.InvalidDocument(code, Message);
}
