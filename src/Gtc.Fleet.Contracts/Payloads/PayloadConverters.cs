namespace Gtc.Fleet.Contracts;

/// <summary>The phases as payloads spell them; one that is not known counts as Pending (fleet.md §3.2).</summary>
internal sealed class DeploymentPhaseConverter() : WordConverter<DeploymentPhase>(
    DeploymentPhase.Pending, (DeploymentPhase.Pending, "Pending"), (DeploymentPhase.Running, "Running"), (DeploymentPhase.Failed, "Failed"));

/// <summary>The severities as payloads spell them.</summary>
internal sealed class EventSeverityConverter() : WordConverter<EventSeverity>(
    EventSeverity.Info, (EventSeverity.Info, "Info"), (EventSeverity.Warn, "Warn"), (EventSeverity.Error, "Error"));
