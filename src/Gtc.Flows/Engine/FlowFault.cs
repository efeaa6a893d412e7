namespace Gtc.Flows;

/// <summary>A flow cannot go on. Thrown inside the engine, turned into an error payload where the run started; never leaves this assembly.</summary>
internal sealed class FlowFault(string message) : Exception(message);
