using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Runs a node that asks a provider of the revision's packs (flows-and-components.md §2.8).</summary>
internal sealed class ProviderNode(RunSetting setting, LoadedFlow flow, FlowNode node, FlowScope scope)
{
    private const string InMap = "in_map";
    private const string OutMap = "out_map";
    private const string ErrMap = "err_map";

    private static readonly JsonElement Null = JsonElement.Parse("null"u8);

    /// <exception cref="FlowFault">It cannot be run, or it failed and the node does not say what then.</exception>
    public JsonElement Run(CancellationToken cancellationToken)
    {
        var given = new MappingRenderer(scope, setting.Options.Limits.MaxPayloadBytes).Render(WithoutMaps());
        setting.Budget.Spend(flow.Flow.Id, given);
        var operation = node.Operation ?? FlowJump.Text(given, "op") ?? FlowJump.Text(given, "operation")
            ?? throw new FlowFault($"missing operation for node `{node.Id}` (component `{BuiltInComponents.ProviderInvoke}`): name it in the node or as `operation` in its mapping");
        var provider = Choose(FlowJump.Text(given, "provider_type"), FlowJump.Text(given, "provider_id"));
        var input = TemplatePath.Walk(given, ["input"]) ?? Null;
        input = Map(Own(InMap), new() { [MappingRenderer.Subject] = input, ["input"] = input }) ?? input;
        setting.Budget.ComponentCalls++;
        try
        {
            var answer = provider.Call(operation, input, setting.Context, setting.Budget.ComponentTime, cancellationToken);
            setting.Budget.Spend(flow.Flow.Id, answer);
            return ComponentFault.Reported(answer) is { } reported
                ? throw reported
                : Map(Own(OutMap) ?? Filled(node.Output), new() { [MappingRenderer.Subject] = answer, ["input"] = input, ["result"] = answer }) ?? answer;
        }
        catch (ComponentFault fault)
        {
            var error = Describe(fault);
            return Map(Own(ErrMap) ?? Filled(node.ErrorMapping), new() { [MappingRenderer.Subject] = error, ["input"] = input, ["error"] = error })
                ?? throw new FlowFault($"component {provider.Declared.ComponentId} failed: {fault.Message}");
        }
    }

    // The flow's own pack comes first; a pack with flows usually has none, and the provider is in a pack beside it.
    private ProviderComponent Choose(string? type, string? id)
    {
        if ((type ?? id) is not { } wanted)
        {
            throw new FlowFault($"{BuiltInComponents.ProviderInvoke} node `{node.Id}` names no provider: `provider_type` or `provider_id` is expected");
        }

        return setting.Providers
            .Where(provider => provider.Declared.Type == wanted || (type is null && provider.Declared.ComponentId == wanted))
            .OrderBy(provider => provider.PackId == flow.Pack.PackId ? 0 : 1)
            .FirstOrDefault() ?? throw new FlowFault($"no pack declares the provider `{wanted}` (node `{node.Id}`)");
    }

    private JsonElement? Map(JsonElement? map, Dictionary<string, JsonElement> names)
    {
        if (map is not { } template)
        {
            return null;
        }

        var mapped = new MappingRenderer(scope, setting.Options.Limits.MaxPayloadBytes, names).Render(template);
        setting.Budget.Spend(flow.Flow.Id, mapped);
        return mapped;
    }

    // Maps are not rendered with the rest: a text of a message that begins with a slash must not become a pointer.
    private JsonElement WithoutMaps() => node.Input.ValueKind != JsonValueKind.Object ? node.Input : JsonText.Build(json =>
    {
        json.WriteStartObject();
        foreach (var member in node.Input.EnumerateObject().Where(member => member.Name is not (InMap or OutMap or ErrMap)))
        {
            member.WriteTo(json);
        }

        json.WriteEndObject();
    });

    private JsonElement? Own(string map) => TemplatePath.Walk(node.Input, [map]) is { ValueKind: not JsonValueKind.Null } found ? found : null;

    // Compilers write an empty object where a node says nothing.
    private static JsonElement? Filled(JsonElement? map) => map switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } record when record.GetPropertyCount() == 0 => null,
        _ => map,
    };

    private static JsonElement Describe(ComponentFault fault) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("code", fault.Code);
        json.WriteString("message", fault.Reason);
        json.WriteEndObject();
    });
}
