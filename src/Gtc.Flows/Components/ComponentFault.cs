namespace Gtc.Flows;

/// <summary>A component answered with an error, or could not answer. Thrown inside the engine, which tries again or turns it into a <see cref="FlowFault"/>.</summary>
internal sealed class ComponentFault(string code, string message) : Exception($"{code}: {message}");
