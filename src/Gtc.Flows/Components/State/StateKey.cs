namespace Gtc.Flows;

/// <summary>A value of component state: a name within what one flow of one pack keeps for one tenant (flows-and-components.md §4).</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="PackId">The pack.</param>
/// <param name="FlowId">The flow; for a provider, which serves several, its type.</param>
/// <param name="Name">The name that the component chose.</param>
public readonly record struct StateKey(string Tenant, string PackId, string FlowId, string Name)
{
    /// <summary>The key as one text; its parts cannot be mistaken for each other.</summary>
    public override string ToString() =>
        $"{Uri.EscapeDataString(Tenant)}/{Uri.EscapeDataString(PackId)}/{Uri.EscapeDataString(FlowId)}/{Name}";
}
