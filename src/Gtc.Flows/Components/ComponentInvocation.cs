using System.Text.Json;

namespace Gtc.Flows;

/// <summary>One call of a component (flows-and-components.md §3.2).</summary>
/// <param name="Caller">Which component, in whose name.</param>
/// <param name="Operation">What it shall do.</param>
/// <param name="Payload">What it gets.</param>
/// <param name="Metadata">What it gets besides, or null.</param>
/// <param name="Identity">Whose message this is, as far as it is known.</param>
internal sealed record ComponentInvocation(ComponentCaller Caller, string Operation, JsonElement Payload, JsonElement? Metadata, InboundActivity Identity)
{
    /// <summary>Which try this is, from 1.</summary>
    public uint Attempt { get; init; } = 1;

    /// <summary>The language of the message (§5), or null.</summary>
    public string? Locale => TemplatePath.Walk(Identity.Payload, ["metadata", "locale"]) is { ValueKind: JsonValueKind.String } locale ? locale.GetString() : null;
}
