namespace Gtc.Wasm;

/// <summary>Takes the arguments of a call from a guest and gives the results; the spans are valid during the call only.</summary>
/// <param name="arguments">One value per parameter of the function's type.</param>
/// <param name="results">Room for one value per result of the function's type, zero at first.</param>
/// <remarks>Throw <see cref="WasmTrapException"/> to stop the guest with a certain trap; anything else that is thrown stops it with <see cref="TrapKind.HostError"/>.</remarks>
public delegate void HostFunction(ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results);

/// <summary>A function of a guest or of the host.</summary>
public sealed unsafe class WasmFunction : WasmExternal
{
    // Compiled code reads these three to call the function.
    internal readonly nint Code;
    internal readonly object Target;
    internal readonly ulong Key;

    private readonly SignatureStubs _stubs;

    internal WasmFunction(WasmStore store, FunctionType type, SignatureStubs stubs, object target, nint code)
        : base(store)
    {
        Type = type;
        _stubs = stubs;
        Target = target;
        Code = code;
        Key = stubs.Key;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Function;

    /// <summary>Its type.</summary>
    public FunctionType Type { get; }

    /// <summary>Makes a function of the host that takes its arguments as a list.</summary>
    public static WasmFunction FromHost(WasmStore store, FunctionType type, HostFunction function)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(function);
        var stubs = SignatureStubs.For(type);
        store.ResultsFor(type.Results.Length);
        return new WasmFunction(store, type, stubs, new HostTarget(store, type, function), stubs.HostCode);
    }

    /// <summary>
    /// Makes a function of the host from a delegate whose parameters and result are <see cref="int"/> or <see cref="uint"/> (i32), <see cref="long"/> or
    /// <see cref="ulong"/> (i64), <see cref="float"/>, <see cref="double"/>, <c>Vector128&lt;byte&gt;</c> (v128) and <see cref="object"/> (externref). Nothing is
    /// boxed when a guest calls it.
    /// </summary>
    /// <exception cref="ArgumentException">The delegate has another type among its parameters or result.</exception>
    public static WasmFunction FromDelegate(WasmStore store, Delegate function)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(function);
        var stub = DelegateStubs.ForHost(function.GetType());
        return new WasmFunction(store, stub.Type, SignatureStubs.For(stub.Type), new HostDelegateTarget(stub, function), stub.Code);
    }

    /// <summary>Calls the function.</summary>
    /// <param name="arguments">One value per parameter.</param>
    /// <param name="results">Room for at least one value per result.</param>
    /// <returns>Null when the results are there, otherwise the trap.</returns>
    /// <exception cref="ArgumentException">The spans do not fit the type, or a reference is none that the type takes.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public WasmTrap? Invoke(ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        CheckSpans(arguments, results);
        var before = Store.Enter();
        try
        {
            _stubs.Invoker(this, arguments, results);
            return null;
        }
        catch (Exception exception) when (Traps.Of(exception) is { } trap)
        {
            return trap;
        }
        finally
        {
            Store.Leave(before);
            GC.KeepAlive(this);
        }
    }

    /// <summary>Calls a function without parameters and results.</summary>
    /// <returns>Null, or the trap.</returns>
    public WasmTrap? Invoke() => Invoke([], []);

    /// <summary>
    /// Makes a delegate that calls the function without boxing: the fast way for calls that are made often. Its parameters and result must be those of the type, as
    /// <see cref="FromDelegate"/> says. A trap is thrown as <see cref="WasmTrapException"/>.
    /// </summary>
    /// <typeparam name="T">Such as <c>Func&lt;int, int&gt;</c>.</typeparam>
    /// <exception cref="ArgumentException">The delegate's signature is not that of the function.</exception>
    public T CreateDelegate<T>()
        where T : Delegate => (T)DelegateStubs.ForGuest(typeof(T), this);

    private void CheckSpans(ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        if (arguments.Length != Type.Parameters.Length || results.Length < Type.Results.Length)
        {
            throw new ArgumentException($"A function of type {Type} takes {Type.Parameters.Length} arguments and room for {Type.Results.Length} results; given were {arguments.Length} and {results.Length}.");
        }

        if (!_stubs.TakesFunctions)
        {
            return;
        }

        for (var place = 0; place < arguments.Length; place++)
        {
            Boundary.Check(arguments[place].Reference, Type.Parameters[place], Store);
        }
    }
}
