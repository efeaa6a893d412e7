namespace Gtc.Conformance;

/// <summary>Ends a check; the suite turns it into a result.</summary>
internal sealed class CheckFailed(string code, string? verb, string message) : Exception(message)
{
    public string Code { get; } = code;

    public string? Verb { get; } = verb;
}
