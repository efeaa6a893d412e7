namespace Gtc.Fleet.Contracts;

/// <summary>A rule that something breaks.</summary>
/// <param name="Fault">The kind of rule.</param>
/// <param name="Path">Where, as a path of members, e.g. <c>services[0].image</c>; empty for the whole.</param>
/// <param name="Message">What was found and what was expected; one line that can be shown as it is.</param>
public sealed record ContractError(ContractFault Fault, string Path, string Message)
{
    /// <summary>The path, if there is one, and the message.</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
