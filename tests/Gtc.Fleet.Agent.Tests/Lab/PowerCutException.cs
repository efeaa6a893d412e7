namespace Gtc.Fleet.Agent.Tests.Lab;

/// <summary>Ends an agent between two steps, as a power cut would.</summary>
internal sealed class PowerCutException : Exception;
