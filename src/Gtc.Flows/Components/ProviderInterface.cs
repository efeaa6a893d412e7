using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>The functions of provider components (flows-and-components.md §3.7). All bytes are JSON in UTF-8.</summary>
internal static class ProviderInterface
{
    private const string SchemaCore = "greentic:provider-schema-core/schema-core-api@1.0.0";
    private const string InstanceIdentity = "greentic:provider-instance-identity/instance-identity-api@0.1.0";

    private static readonly RecordCodec<ReadOnlyMemory<byte>> OneDocument = Codecs.Parameters(Codecs.Memory);

    public static FunctionBinding<ValueTuple, byte[]> Describe { get; } = new(SchemaCore, "describe", null, Codecs.Bytes);

    public static FunctionBinding<ReadOnlyMemory<byte>, byte[]> ValidateConfig { get; } = new(SchemaCore, "validate-config", OneDocument, Codecs.Bytes);

    public static FunctionBinding<ValueTuple, byte[]> Healthcheck { get; } = new(SchemaCore, "healthcheck", null, Codecs.Bytes);

    public static FunctionBinding<(string, ReadOnlyMemory<byte>), byte[]> Invoke { get; } =
        new(SchemaCore, "invoke", Codecs.Parameters(Codecs.Text, Codecs.Memory), Codecs.Bytes);

    public static FunctionBinding<ReadOnlyMemory<byte>, string?> IdentifyInstance { get; } =
        new(InstanceIdentity, "identify-instance", OneDocument, Codecs.Option(Codecs.Text));
}
