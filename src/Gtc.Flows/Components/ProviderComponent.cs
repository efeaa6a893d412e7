using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>
/// A provider of a pack, ready to be asked (flows-and-components.md §3.7). Each call gets an instance of its own, bounded in time, memory and size by
/// <see cref="FlowLimits"/>. Thread-safe; usable as long as its <see cref="FlowRuntime"/>.
/// </summary>
public sealed class ProviderComponent
{
    private readonly PackComponents _components;
    private readonly FlowLimits _limits;

    internal ProviderComponent(PackProvider declared, PackComponents components, FlowLimits limits)
    {
        Declared = declared;
        _components = components;
        _limits = limits;
    }

    /// <summary>The pack that has it.</summary>
    public string PackId => _components.Pack.Manifest.PackId;

    /// <summary>The name by which environments know the pack: the stem of its file.</summary>
    public string PackName => _components.PackName;

    /// <summary>What the pack says about it.</summary>
    public PackProvider Declared { get; }

    /// <summary>Asks for an operation, such as <c>ingest_http</c>.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="input">Its input.</param>
    /// <param name="context">For whom.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>
    /// What it answered. <see cref="Refusal.Conflict"/> when it failed, was stopped, or cannot be run at all; <see cref="Refusal.MalformedArtifact"/> when
    /// its answer is no JSON; <see cref="Refusal.InvalidArgument"/> when the input is too large.
    /// </returns>
    public Outcome<JsonElement> Invoke(string operation, JsonElement input, FlowContext context, CancellationToken cancellationToken) => JsonText.Size(input) > _limits.MaxPayloadBytes
        ? new Refusal.InvalidArgument($"the input of `{operation}` is larger than {_limits.MaxPayloadBytes} bytes")
        : Ask(operation, context, ProviderInterface.Invoke, (operation, Bytes(input)), cancellationToken).Then(Read);

    /// <summary>Asks what it is and what it can do.</summary>
    public Outcome<JsonElement> Describe(FlowContext context, CancellationToken cancellationToken) =>
        Ask("describe", context, ProviderInterface.Describe, default, cancellationToken).Then(Read);

    /// <summary>Asks whether a configuration is sound; the answer says so in the provider's own terms.</summary>
    public Outcome<JsonElement> ValidateConfig(JsonElement config, FlowContext context, CancellationToken cancellationToken) =>
        Ask("validate-config", context, ProviderInterface.ValidateConfig, Bytes(config), cancellationToken).Then(Read);

    /// <summary>Asks whether it works.</summary>
    public Outcome<JsonElement> CheckHealth(FlowContext context, CancellationToken cancellationToken) =>
        Ask("healthcheck", context, ProviderInterface.Healthcheck, default, cancellationToken).Then(Read);

    /// <summary>Asks which instance of the provider an HTTP request is for.</summary>
    /// <param name="request">The request in the form that <c>ingest_http</c> takes.</param>
    /// <param name="context">For whom.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The instance; null when the provider does not know it, or knows no instances at all.</returns>
    public Outcome<string?> IdentifyInstance(JsonElement request, FlowContext context, CancellationToken cancellationToken) =>
        Try(() => _components.Exports(Caller(context, "identify-instance"), ProviderInterface.IdentifyInstance)
            ? _components.Call(Caller(context, "identify-instance"), ProviderInterface.IdentifyInstance, Bytes(request), _limits.ComponentTime, cancellationToken)
            : null);

    /// <summary>Asks for an operation within a flow.</summary>
    /// <exception cref="FlowFault">It cannot be run at all.</exception>
    /// <exception cref="ComponentFault">It failed.</exception>
    internal JsonElement Call(string operation, JsonElement input, FlowContext context, TimeSpan within, CancellationToken cancellationToken)
    {
        var answer = _components.Call(Caller(context, operation), ProviderInterface.Invoke, (operation, Bytes(input)), within, cancellationToken)!;
        return Read(answer).TryGet(out var value, out var refusal) ? value : throw new ComponentFault("INVALID_OUTPUT", refusal.Message);
    }

    private Outcome<byte[]> Ask<TArguments>(
        string operation, FlowContext context, FunctionBinding<TArguments, byte[]> function, TArguments arguments, CancellationToken cancellationToken) =>
        Try(() => _components.Call(Caller(context, operation), function, arguments, _limits.ComponentTime, cancellationToken)!);

    private Outcome<T> Try<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (ComponentFault fault)
        {
            return new Refusal.Conflict($"component {Declared.ComponentId} failed: {fault.Message}");
        }
        catch (FlowFault fault)
        {
            return new Refusal.Conflict(fault.Message);
        }
    }

    private ComponentCaller Caller(FlowContext context, string operation) => Declared.ComponentId is { } component
        ? _components.Caller(context, Declared.Type, operation, component)
        : throw new FlowFault($"pack `{PackId}` names no component for its provider `{Declared.Type}`");

    private Outcome<JsonElement> Read(byte[] json) => BoundedJson.Parse(json, "what the provider answered", _limits.MaxPayloadBytes, allowDuplicates: true);

    private static ReadOnlyMemory<byte> Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();
}
