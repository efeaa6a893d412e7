namespace Gtc.Flows;

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; nothing need be done.</summary>
    Note,

    /// <summary>It runs, but hardly as it is meant.</summary>
    Warning,

    /// <summary>What it names cannot run.</summary>
    Error,
}

/// <summary>Something in a pack that a person should look at.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">Which rule it is about, e.g. <c>unknown-node</c>; never changes its meaning.</param>
/// <param name="Place">Where: <c>flow/node</c>, a flow, or a component.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record FlowFinding(FindingSeverity Severity, string Code, string Place, string Message, string Advice);
