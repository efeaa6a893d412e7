using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>One of the interfaces through which a flow calls a component (flows-and-components.md §3.1). What a component exports decides, not what it declares.</summary>
internal abstract class ComponentAbi(string interfaceName, string function)
{
    private static readonly ComponentAbi[] InOrder = [new NodeOverCbor(), new NodeOverJson("0.5.0"), new NodeOverJson("0.4.0"), new ComponentRuntime()];

    /// <summary>The exported interface.</summary>
    public string Interface { get; } = interfaceName;

    /// <summary>The exported function.</summary>
    public string Function { get; } = function;

    /// <summary>All of them, for messages.</summary>
    public static string Known { get; } = string.Join(", ", InOrder.Select(abi => abi.Interface));

    /// <summary>The first interface that a component exports, or null.</summary>
    public static ComponentAbi? Of(IComponent component) => Array.Find(InOrder, abi => abi.Type(component) is not null);

    /// <summary>The function's type in a component, or null.</summary>
    public WitFunctionType? Type(IComponent component) => component.ExportItems
        .Where(export => export.Name == Interface)
        .SelectMany(export => export.Functions)
        .FirstOrDefault(candidate => candidate.Name == Function).Type;

    /// <summary>The arguments in a component's own types.</summary>
    public ImmutableArray<ComponentValue> Arguments(WitFunctionType type, ComponentInvocation invocation)
    {
        var given = Given(invocation);
        return type.Parameters.Length == given.Length
            ? [.. type.Parameters.Select((parameter, index) => Shape.Lower(parameter, given[index]))]
            : throw new FlowFault($"{Interface}#{Function} has the type {type}, expected were {given.Length} parameters");
    }

    /// <summary>The node's payload from what the function returned.</summary>
    public abstract JsonElement Answer(object? returned);

    /// <summary>One value per parameter, as <see cref="Shape"/> takes them.</summary>
    protected abstract object?[] Given(ComponentInvocation invocation);

    // The interfaces call the same things by several names; a record takes those that it has.
    private static Dictionary<string, object?> Context(ComponentInvocation invocation)
    {
        var (context, _, flowId, nodeId, _) = invocation.Caller;
        return new(StringComparer.Ordinal)
        {
            ["env"] = context.EnvironmentId,
            ["env-id"] = context.EnvironmentId,
            ["tenant"] = context.Tenant,
            ["tenant-id"] = context.Tenant,
            ["user"] = invocation.Identity.UserId,
            ["user-id"] = invocation.Identity.UserId,
            ["session-id"] = invocation.Identity.SessionId,
            ["provider-id"] = invocation.Identity.ProviderId,
            ["flow-id"] = flowId,
            ["node-id"] = nodeId,
            ["i18n-id"] = invocation.Locale,
            ["attempt"] = invocation.Attempt,
        };
    }

    private static ReadOnlyMemory<byte> Cbor(JsonElement value, string nodeId)
    {
        try
        {
            return CborDocument.Write(value, sortKeys: false);
        }
        catch (InvalidOperationException)
        {
            // JSON lets a member come twice, CBOR does not.
            throw new FlowFault($"the payload of node `{nodeId}` holds a member twice");
        }
    }

    private static JsonElement Json(ReadOnlyMemory<byte> cbor) => CborDocument.Read(cbor, "its output").TryGet(out var value, out var refusal)
        ? value
        : throw new ComponentFault("INVALID_OUTPUT", refusal.Message);

    private static object? Success(object? returned) => returned switch
    {
        Shape.Case { Name: "ok" } answer => answer.Payload,
        Shape.Case failure => throw Fault(failure.Payload),
        _ => throw new ComponentFault("INVALID_OUTPUT", "what it returned is neither a success nor an error"),
    };

    private static ComponentFault Fault(object? error) =>
        new(Shape.Get<string>(error, "code") ?? "component_error", Shape.Get<string>(error, "message") ?? "the component gave no reason");

    /// <summary><c>node@0.6.0</c>: typed records around CBOR (§3.3).</summary>
    private sealed class NodeOverCbor() : ComponentAbi("greentic:component/node@0.6.0", "invoke")
    {
        public override JsonElement Answer(object? returned)
        {
            var result = Success(returned);
            var output = Json(Shape.Get<ReadOnlyMemory<byte>>(result, "output-cbor"));
            return Shape.Get<bool>(result, "ok") ? output : throw new ComponentFault("COMPONENT_INVOCATION_FAILED", output.GetRawText());
        }

        protected override object?[] Given(ComponentInvocation invocation) =>
        [
            invocation.Operation,
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["ctx"] = Context(invocation),
                ["flow-id"] = invocation.Caller.FlowId,
                ["step-id"] = invocation.Caller.NodeId,
                ["component-id"] = invocation.Caller.ComponentId,
                ["attempt"] = invocation.Attempt,
                ["payload-cbor"] = Cbor(invocation.Payload, invocation.Caller.NodeId),
                ["metadata-cbor"] = invocation.Metadata is { } metadata ? Cbor(metadata, invocation.Caller.NodeId) : default(ReadOnlyMemory<byte>?),
            },
        ];
    }

    /// <summary><c>node@0.5.0</c> and <c>node@0.4.0</c>: JSON text (§3.4, §3.5).</summary>
    private sealed class NodeOverJson(string version) : ComponentAbi($"greentic:component/node@{version}", "invoke")
    {
        public override JsonElement Answer(object? returned)
        {
            var text = Success(returned) as string ?? string.Empty;
            return BoundedJson.Parse(Encoding.UTF8.GetBytes(text), "its output", CborDocument.MaxBytes, allowDuplicates: true).TryGet(out var value, out var refusal)
                ? value
                : throw new ComponentFault("INVALID_OUTPUT", refusal.Message);
        }

        protected override object?[] Given(ComponentInvocation invocation)
        {
            var context = Context(invocation);
            context["tenant"] = Context(invocation);
            return [context, invocation.Operation, Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(invocation.Payload))];
        }
    }

    /// <summary><c>component-runtime@0.6.0</c>: the whole envelope as CBOR (§3.6).</summary>
    private sealed class ComponentRuntime() : ComponentAbi("greentic:component/component-runtime@0.6.0", "run")
    {
        private static readonly ReadOnlyMemory<byte> EmptyMap = new byte[] { 0xA0 };

        public override JsonElement Answer(object? returned) => Json(Shape.Get<ReadOnlyMemory<byte>>(returned, "output"));

        protected override object?[] Given(ComponentInvocation invocation) => [Cbor(JsonText.Build(json => Envelope(json, invocation)), invocation.Caller.NodeId), EmptyMap];

        private static void Envelope(Utf8JsonWriter json, ComponentInvocation invocation)
        {
            json.WriteStartObject();
            json.WriteStartObject("ctx");
            json.WriteString("env", invocation.Caller.Context.EnvironmentId);
            json.WriteString("tenant", invocation.Caller.Context.Tenant);
            json.WriteString("tenant_id", invocation.Caller.Context.Tenant);
            json.WriteNumber("attempt", invocation.Attempt);
            json.WriteEndObject();
            json.WriteString("flow_id", invocation.Caller.FlowId);
            json.WriteString("node_id", invocation.Caller.NodeId);
            json.WriteString("op", invocation.Operation);
            Bytes(json, "payload", invocation.Payload);
            if (invocation.Metadata is { } metadata)
            {
                Bytes(json, "metadata", metadata);
            }

            json.WriteEndObject();
        }

        private static void Bytes(Utf8JsonWriter json, string name, JsonElement value)
        {
            json.WriteStartArray(name);
            foreach (var part in JsonMarshal.GetRawUtf8Value(value))
            {
                json.WriteNumberValue(part);
            }

            json.WriteEndArray();
        }
    }
}
