namespace Gtc.Wasm.Components;

/// <summary>An interface that the host provides: functions and resource types by name. Made once and shared by all components; what differs per instance
/// comes to its functions through <see cref="HostCall.Get"/>.</summary>
public sealed class HostInterface
{
    private readonly OrderedDictionary<string, ExternType> _types = [];

    /// <summary>An interface.</summary>
    /// <param name="name">Its id with version, such as <c>wasi:io/poll@0.2.6</c>; empty for functions that worlds import without an interface.</param>
    public HostInterface(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Id = InterfaceId.Parse(name);
        Type = new InstanceType(_types);
    }

    /// <summary>Its id.</summary>
    public string Name => Id.Text;

    internal InterfaceId Id { get; }

    internal InstanceType Type { get; }

    internal Dictionary<string, object> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Provides a resource type.</summary>
    /// <returns>This, so that definitions can be chained.</returns>
    public HostInterface Resource<T>(HostResourceType<T> resource)
        where T : class => Resource(NotNull(resource).Name, resource);

    /// <summary>Provides a function over values of any type.</summary>
    /// <returns>This, so that definitions can be chained.</returns>
    public HostInterface Function(string name, WitFunctionType type, HostHandler body)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        return Add(name, type, new HostComponentFunction<ComponentValue, ComponentValue>(
            type.ParametersInMemory is { } parameters ? ValueCodecs.Of(parameters) : null,
            type.Result is { } result ? ValueCodecs.Of(result) : null,
            (call, arguments) => body(call, arguments is ComponentValue.Items items ? items.Value.AsSpan() : [])));
    }

    /// <summary>Provides a function over C# types.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="names">The parameters' names, as many as the codec has parts.</param>
    /// <param name="parameters">Reads the arguments; null when there are none.</param>
    /// <param name="result">Writes the result; null when there is none.</param>
    /// <param name="body">What it does.</param>
    /// <returns>This, so that definitions can be chained.</returns>
    public HostInterface Function<TArguments, TResult>(
        string name, ReadOnlySpan<string> names, Codec<TArguments>? parameters, Codec<TResult>? result, Func<HostCall, TArguments?, TResult?> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var parts = parameters is null ? [] : (parameters.Type as WitType.Product)?.Parts
            ?? throw new ArgumentException("Parameters are read with a record codec; Codecs.Parameters makes one.", nameof(parameters));
        if (parts.Length != names.Length)
        {
            throw new ArgumentException($"{parts.Length} parameters need as many names, not {names.Length}.", nameof(names));
        }

        return Add(name, new WitFunctionType([.. names], parts, result?.Type), new HostComponentFunction<TArguments, TResult>(parameters, result, body));
    }

    internal HostInterface Resource(string name, ResourceType resource)
    {
        _types.Add(name, new ExternType(ExternSort.Type, resource));
        Items.Add(name, resource);
        return this;
    }

    private static T NotNull<T>(T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        return value;
    }

    private HostInterface Add(string name, WitFunctionType type, ComponentFunction function)
    {
        _types.Add(name, new ExternType(ExternSort.Function, type));
        Items.Add(name, function);
        return this;
    }
}
