using System.Collections.Immutable;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Wasm.Tests.Wasi;

/// <summary>A component whose function <c>run</c> calls one function of an interface that it imports.</summary>
internal static class ForwardComponent
{
    public static byte[] Bytes(string id, string function, ImmutableArray<(string Name, WitType Type)> parameters, WitType? result)
    {
        var signature = new WitFunctionType([.. parameters.Select(parameter => parameter.Name)], [.. parameters.Select(parameter => parameter.Type)], result);
        var lowered = signature.Flatten(lowered: true);
        var lifted = signature.Flatten(lowered: false);
        var writer = new ComponentWriter();
        var import = writer.FunctionOf(writer.ImportInstance(id, writer.Type(InstanceType(function, parameters, result))), function);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var options = ComponentWriter.Options(0, writer.CoreMemory(allocator, "memory"), writer.CoreFunction(allocator, "realloc"), null);
        var core = writer.Lower(import, options);
        var module = writer.CoreModule(CoreModules.Forward(new FunctionType(lowered.Parameters, lowered.Results), new FunctionType(lifted.Parameters, lifted.Results)));
        var run = writer.CoreFunction(writer.InstantiateCore(module, ("host", writer.BundleCore(("f", (byte)0, core)))), "run");
        writer.Export("run", 1, writer.Lift(run, options, Function(parameters, result, writer.Type)));
        return writer.ToArray();
    }

    private static Bytes InstanceType(string function, ImmutableArray<(string Name, WitType Type)> parameters, WitType? result)
    {
        var declarations = new Bytes();
        var count = 0;
        int Declare(Bytes definition)
        {
            declarations.Add(1).Append(definition);
            return count++;
        }

        var type = Function(parameters, result, Declare);
        declarations.Add(4, 0).Name(function).Add(1).Number(type);
        return new Bytes().Add(0x42).Number(count + 1).Append(declarations);
    }

    private static int Function(ImmutableArray<(string Name, WitType Type)> parameters, WitType? result, Func<Bytes, int> declare)
    {
        Bytes Reference(WitType type) => TypeBytes.Reference(type, inner => declare(TypeBytes.Definition(inner, Reference)));
        var definition = new Bytes().Add(0x40).Number(parameters.Length);
        foreach (var (name, type) in parameters)
        {
            definition.Name(name).Append(Reference(type));
        }

        return declare(result is null ? definition.Add(1, 0) : definition.Add(0).Append(Reference(result)));
    }
}
