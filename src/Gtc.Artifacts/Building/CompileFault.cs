using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>A flow's source does not compile. Thrown inside the compiler and turned into a refusal at its public boundary.</summary>
/// <param name="code">The rule, in the specification's spelling, e.g. <c>MissingNode</c>.</param>
/// <param name="message">What is wrong.</param>
/// <param name="at">The path of the value that is at fault.</param>
/// <param name="expected">What would do instead.</param>
internal sealed class CompileFault(string code, string message, string at, string expected) : Exception(message)
{
    /// <summary>The path of the value that is at fault, as <see cref="Cbor.DocumentValue.Path"/> spells it.</summary>
    public string At { get; } = at;

    /// <summary>The refusal, with the place as an editor takes it.</summary>
    public Refusal RefusalIn(string place) => new Refusal.InvalidDocument(code, Message) { Details = [new("in", place), new("expected", expected)] };
}
