namespace Gtc.Wasm.Components;

/// <summary>The core functions that canonical definitions make for guests.</summary>
internal static class CoreFunctions
{
    private static readonly FunctionType Taking = new([ValueType.I32], []);
    private static readonly FunctionType Mapping = new([ValueType.I32], [ValueType.I32]);

    /// <summary><c>canon lower</c>.</summary>
    public static WasmFunction Lower(ComponentFunction function, WitFunctionType type, AbiCall call)
    {
        var flat = type.Flatten(lowered: true);
        return WasmFunction.FromHost(call.Instance.Store.Core, new FunctionType(flat.Parameters, flat.Results), (arguments, results) =>
        {
            CheckMayLeave(call.Instance);
            function.CallFromGuest(call, type, arguments, results);
            call.EndLending();
        });
    }

    /// <summary><c>resource.new</c>, <c>resource.drop</c>, <c>resource.rep</c>.</summary>
    public static WasmFunction Resource(ResourceOperation operation, ComponentInstanceState instance, ResourceType resource)
    {
        HostFunction body = operation switch
        {
            ResourceOperation.New => (arguments, results) =>
            {
                CheckMayLeave(instance);
                results[0] = instance.Handles.AddOwned(new ResourceContent(resource, null, (uint)arguments[0].I32));
            },
            ResourceOperation.Drop => (arguments, _) =>
            {
                CheckMayLeave(instance);
                if (instance.Handles.Drop((uint)arguments[0].I32, resource, out var content))
                {
                    resource.Drop(content, instance);
                }
            },
            _ => (arguments, results) => results[0] = instance.Handles.Representation((uint)arguments[0].I32, resource),
        };
        return WasmFunction.FromHost(instance.Store.Core, operation == ResourceOperation.Drop ? Taking : Mapping, body);
    }

    private static void CheckMayLeave(ComponentInstanceState instance)
    {
        if (!instance.MayLeave)
        {
            throw ComponentTraps.Make("an import was called from the guest's allocator or post-return");
        }
    }
}
