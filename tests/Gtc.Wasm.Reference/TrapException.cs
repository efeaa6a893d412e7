namespace Gtc.Wasm.Reference;

/// <summary>A guest did what ends it; the messages are those of the official test suite.</summary>
public sealed class TrapException(string message) : Exception(message);

/// <summary>A guest took more steps than the test allows; it is neither a trap nor a result.</summary>
public sealed class StepsExhaustedException() : Exception("the steps are used up");

/// <summary>What is given for an import does not fit.</summary>
public sealed class LinkException(string message) : Exception(message);
