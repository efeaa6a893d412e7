namespace Gtc.Model;

/// <summary>What a report is grouped by.</summary>
public enum UsageDimension
{
    /// <summary>Who is billed.</summary>
    Customer,

    /// <summary>Whose calls these were.</summary>
    Tenant,

    /// <summary>The deployment.</summary>
    Deployment,

    /// <summary>The revision.</summary>
    Revision,

    /// <summary>The hour, UTC.</summary>
    Hour,
}
