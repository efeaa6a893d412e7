using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>
/// A component that defines a resource whose destructor tells the host (import <c>f</c> gets the representation). It exports the resource as <c>thing</c>, <c>make</c>
/// (u32 to own), <c>look</c> (borrow to u32), and the same operations over bare numbers, so that a test can use handles that do not exist.
/// </summary>
internal static class CounterComponent
{
    private static readonly FunctionType IntToInt = new([ValueType.I32], [ValueType.I32]);
    private static readonly FunctionType Taking = new([ValueType.I32], []);

    public static byte[] Bytes()
    {
        var writer = new ComponentWriter();
        var told = writer.ImportFunction("f", writer.Function([WitType.U32], null));
        var tell = writer.Lower(told, new Bytes().Number(0));
        var destructor = writer.CoreFunction(
            writer.InstantiateCore(writer.CoreModule(CoreModules.Forward(Taking, Taking)), ("host", writer.BundleCore(("f", (byte)0, tell)))), "run");
        var resource = writer.Type(new Bytes().Add(0x3F, 0x7F, 1).Number(destructor));
        var make = Through(writer, writer.ResourceFunction(2, resource), IntToInt);
        var drop = Through(writer, writer.ResourceFunction(3, resource), Taking);
        var look = Through(writer, writer.ResourceFunction(4, resource), IntToInt);
        writer.Export("thing", 3, resource);
        var exported = resource + 1;
        var own = writer.Type(new Bytes().Add(0x69).Number(exported));
        var borrow = writer.Type(new Bytes().Add(0x68).Number(exported));
        var makes = writer.Type(new Bytes().Add(0x40).Number(1).Name("start").Add(0x79).Add(0).Signed(own));
        var looks = writer.Type(new Bytes().Add(0x40).Number(1).Name("thing").Signed(borrow).Add(0, 0x79));
        var numbers = writer.Function([WitType.U32], WitType.U32);
        var takes = writer.Function([WitType.U32], null);
        var gives = writer.Type(new Bytes().Add(0x40).Number(1).Name("thing").Signed(own).Add(0, 0x79));
        var none = new Bytes().Number(0);
        writer.Export("make", 1, writer.Lift(make, none, makes));

        // A borrowed handle to one's own resource arrives as the representation, so looking needs no call.
        var same = writer.CoreFunction(
            writer.InstantiateCore(writer.CoreModule(CoreModules.Module(IntToInt, IntToInt, new Bytes().Number(0).Add(0x20, 0))), ("host", writer.BundleCore(("f", (byte)0, look)))), "run");
        writer.Export("look", 1, writer.Lift(same, none, looks));
        writer.Export("take", 1, writer.Lift(look, none, gives));
        writer.Export("raw-make", 1, writer.Lift(make, none, numbers));
        writer.Export("raw-drop", 1, writer.Lift(drop, none, takes));
        writer.Export("raw-look", 1, writer.Lift(look, none, numbers));
        return writer.ToArray();
    }

    private static int Through(ComponentWriter writer, int function, FunctionType type) => writer.CoreFunction(
        writer.InstantiateCore(writer.CoreModule(CoreModules.Forward(type, type)), ("host", writer.BundleCore(("f", (byte)0, function)))), "run");
}
