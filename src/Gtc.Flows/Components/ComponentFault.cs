using System.Text.Json;

namespace Gtc.Flows;

/// <summary>A component answered with an error, or could not answer. Thrown inside the engine, which tries again or turns it into a <see cref="FlowFault"/>.</summary>
internal sealed class ComponentFault(string code, string message) : Exception($"{code}: {message}")
{
    public string Code { get; } = code;

    public string Reason { get; } = message;

    /// <summary>The error that an answer reports by being <c>{ok: false, error: {code, message}}</c>, or null.</summary>
    public static ComponentFault? Reported(JsonElement answer) =>
        TemplatePath.Walk(answer, ["ok"]) is { ValueKind: JsonValueKind.False } && TemplatePath.Walk(answer, ["error"]) is { ValueKind: JsonValueKind.Object } error
            ? new(FlowJump.Text(error, "code") ?? "component_error", FlowJump.Text(error, "message") ?? "the component gave no reason")
            : null;
}
