using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>
/// A component whose function <c>echo</c> passes its argument to the import <c>f</c> of the host and returns what that returns: a value that goes through is
/// lowered and lifted twice each way.
/// </summary>
internal static class EchoComponent
{
    public static byte[] Of(WitType type, byte encoding) => Of([type], type, encoding);

    public static byte[] Of(WitType[] parameters, WitType? result, byte encoding)
    {
        var signature = new WitFunctionType([.. parameters.Select((_, index) => $"p{index}")], [.. parameters], result);
        var lowered = signature.Flatten(lowered: true);
        var lifted = signature.Flatten(lowered: false);
        var writer = new ComponentWriter();
        var function = writer.Function(parameters, result);
        var import = writer.ImportFunction("f", function);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var memory = writer.CoreMemory(allocator, "memory");
        var realloc = writer.CoreFunction(allocator, "realloc");
        var core = writer.Lower(import, ComponentWriter.Options(encoding, memory, realloc, null));
        var bundle = writer.BundleCore(("f", (byte)0, core));
        var module = writer.CoreModule(CoreModules.Forward(
            new FunctionType(lowered.Parameters, lowered.Results), new FunctionType(lifted.Parameters, lifted.Results)));
        var run = writer.CoreFunction(writer.InstantiateCore(module, ("host", bundle)), "run");
        writer.Export("echo", 1, writer.Lift(run, ComponentWriter.Options(encoding, memory, realloc, null), function));
        return writer.ToArray();
    }
}
