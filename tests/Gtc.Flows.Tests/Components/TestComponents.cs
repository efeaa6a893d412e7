using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Flows.Tests.Components;

/// <summary>Small components of every kind that flows call. What they do is given as core code between the argument and the returned place.</summary>
internal static class TestComponents
{
    public const string Node06 = "greentic:component/node@0.6.0";
    public const string Node05 = "greentic:component/node@0.5.0";
    public const string Node04 = "greentic:component/node@0.4.0";
    public const string Runtime = "greentic:component/component-runtime@0.6.0";

    private const int Returned = CoreModules.ReturnArea;

    // Where the parts of node@0.6.0's arguments are, by the rules of the canonical ABI.
    private const int Operation = 0;
    private const int FlowId = 96;
    private const int Payload = 124;

    private static readonly WitType Bytes = WitType.ListOf(WitType.U8);
    private static readonly WitType OptionalText = WitType.OptionOf(WitType.Text);
    private static readonly WitType OptionalBytes = WitType.OptionOf(Bytes);

    /// <summary>Answers its payload.</summary>
    public static byte[] Echo() => Node(Code(Store8(0, 0), Store8(8, 1), Copy(Payload, 12), Copy(Payload + 4, 16), Store8(20, 0)));

    /// <summary>Answers its metadata; nothing, which is no CBOR, when it has none.</summary>
    public static byte[] EchoMetadata() => Node(Code(Store8(0, 0), Store8(8, 1), Copy(136, 12), Copy(140, 16), Store8(20, 0)));

    /// <summary>Answers its payload, and that it is not ok.</summary>
    public static byte[] NotOk() => Node(Code(Store8(0, 0), Store8(8, 0), Copy(Payload, 12), Copy(Payload + 4, 16), Store8(20, 0)));

    /// <summary>Answers an error: the operation as its code, the flow's id as its message.</summary>
    public static byte[] Failing() => Node(Code(
        Store8(0, 1), Copy(Operation, 8), Copy(Operation + 4, 12), Copy(FlowId, 16), Copy(FlowId + 4, 20), Store8(24, 0), Store8(32, 0), Store8(48, 0)));

    public static byte[] Trapping() => Node(new Bytes().Add(0x00));

    public static byte[] Looping() => Node(new Bytes().Add(0x03, 0x40, 0x0C, 0, 0x0B, 0x00));

    /// <summary>Asks for all the memory there could be, and traps when it does not get it.</summary>
    public static byte[] Greedy() => Node(new Bytes().Add(0x41).Signed(60_000).Add(0x40, 0, 0x41, 0x7F, 0x46, 0x04, 0x40, 0x00, 0x0B).Append(Code(Store8(0, 1))));

    /// <summary>An echo that imports interfaces with a function <c>f</c>.</summary>
    public static byte[] Importing(params ReadOnlySpan<string> imports)
    {
        var writer = new ComponentWriter();
        foreach (var import in imports)
        {
            writer.ImportInstance(import, writer.Type(new Bytes().Add(0x42).Number(2).Add(1, 0x40, 0, 1, 0, 4, 0).Name("f").Add(1, 0)));
        }

        return Export(writer, Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(Store8(0, 0), Store8(8, 1), Copy(Payload, 12), Copy(Payload + 4, 16), Store8(20, 0)));
    }

    /// <summary>Echoes of the other interfaces.</summary>
    public static byte[] EchoOf(string id) => id switch
    {
        Node06 => Echo(),
        Node05 => Export(new(), id, "invoke", JsonTypes(Tenant05(), hasLocale: true), new(1), Code(Store8(0, 0), Copy(264, 8), Copy(268, 12))),
        Node04 => Export(new(), id, "invoke", JsonTypes(Tenant04(), hasLocale: false), new(1), Code(Store8(0, 0), Copy(120, 8), Copy(124, 12))),
        _ => Export(
            new(),
            id,
            "run",
            ([Bytes, Bytes], WitType.RecordOf(("output", Bytes), ("new-state", Bytes))),
            new(4),
            Code(Keep(0, 0), Keep(1, 4), Keep(2, 8), Keep(3, 12))),
    };

    /// <summary>An error of node@0.5.0 with texts of its own.</summary>
    public static byte[] FailingOverJson() => Export(
        new(), Node05, "invoke", JsonTypes(Tenant05(), hasLocale: true), new(1), Code(Store8(0, 1), Copy(256, 8), Copy(260, 12), Copy(264, 16), Copy(268, 20), Store8(24, 0), Store8(32, 0), Store8(48, 0)));

    /// <summary>A component that exports nothing a flow can call.</summary>
    public static byte[] Other() => Export(new(), "test:other/thing@1.0.0", "run", ([Bytes, Bytes], WitType.RecordOf(("a", Bytes), ("b", Bytes))), new(4), Code(Keep(0, 0)));

    private static byte[] Node(Bytes code) => Export(new(), Node06, "invoke", NodeTypes(), new(1), code);

    private static byte[] Export(ComponentWriter writer, string id, string function, (WitType[] Parameters, WitType Result) types, FunctionShape shape, Bytes code)
    {
        var type = writer.Function(types.Parameters, types.Result);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var options = ComponentWriter.Options(0, writer.CoreMemory(allocator, "memory"), writer.CoreFunction(allocator, "realloc"), null);
        var run = writer.CoreFunction(writer.InstantiateCore(writer.CoreModule(Module(shape, code)), ("env", allocator)), "run");
        writer.Export(id, 5, writer.Bundle((function, (byte)1, writer.Lift(run, options, type))));
        return writer.ToArray();
    }

    private static byte[] Module(FunctionShape shape, Bytes code)
    {
        var type = new Bytes().Number(1).Add(0x60).Number(shape.Parameters).Add(Enumerable.Repeat((byte)0x7F, shape.Parameters).ToArray()).Add(1, 0x7F);
        var body = new Bytes().Number(0).Append(code).Add(0x0B).ToArray();
        return new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, type)
            .Section(2, new Bytes().Number(1).Name("env").Name("memory").Add(2, 0).Number(1))
            .Section(3, new Bytes().Number(1).Add(0))
            .Section(7, new Bytes().Number(1).Name("run").Add(0, 0))
            .Section(10, new Bytes().Number(1).Number(body.Length).Add(body))
            .ToArray();
    }

    private static Bytes Code(params ReadOnlySpan<Bytes> parts)
    {
        var code = new Bytes();
        foreach (var part in parts)
        {
            code.Append(part);
        }

        return code.Add(0x41).Signed(Returned);
    }

    /// <summary>Writes a byte into the returned place.</summary>
    private static Bytes Store8(int offset, int value) => new Bytes().Add(0x41).Signed(Returned).Add(0x41).Signed(value).Add(0x3A, 0).Number(offset);

    /// <summary>Copies four bytes from the arguments into the returned place.</summary>
    private static Bytes Copy(int from, int to) => new Bytes().Add(0x41).Signed(Returned).Add(0x20, 0, 0x28, 2).Number(from).Add(0x36, 2).Number(to);

    /// <summary>Writes a parameter into the returned place.</summary>
    private static Bytes Keep(int parameter, int to) => new Bytes().Add(0x41).Signed(Returned).Add(0x20).Number(parameter).Add(0x36, 2).Number(to);

    private static (WitType[] Parameters, WitType Result) NodeTypes()
    {
        var context = WitType.RecordOf(
            ("tenant-id", WitType.Text), ("team-id", OptionalText), ("user-id", OptionalText), ("env-id", WitType.Text), ("trace-id", WitType.Text),
            ("correlation-id", WitType.Text), ("deadline-ms", WitType.U64), ("attempt", WitType.U32), ("idempotency-key", OptionalText), ("i18n-id", WitType.Text));
        var envelope = WitType.RecordOf(
            ("ctx", context), ("flow-id", WitType.Text), ("step-id", WitType.Text), ("component-id", WitType.Text), ("attempt", WitType.U32),
            ("payload-cbor", Bytes), ("metadata-cbor", OptionalBytes));
        var result = WitType.RecordOf(("ok", WitType.Bool), ("output-cbor", Bytes), ("output-metadata-cbor", OptionalBytes));
        return ([WitType.Text, envelope], WitType.ResultOf(result, Error(OptionalBytes)));
    }

    private static (WitType[] Parameters, WitType Result) JsonTypes(WitType tenant, bool hasLocale)
    {
        var context = hasLocale
            ? WitType.RecordOf(("tenant", tenant), ("i18n-id", OptionalText), ("flow-id", WitType.Text), ("node-id", OptionalText))
            : WitType.RecordOf(("tenant", tenant), ("flow-id", WitType.Text), ("node-id", OptionalText));
        return ([context, WitType.Text, WitType.Text], WitType.VariantOf(("ok", WitType.Text), ("err", Error(OptionalText))));
    }

    private static WitType Tenant05() => WitType.RecordOf(
        ("env", WitType.Text), ("tenant", WitType.Text), ("tenant-id", WitType.Text), ("team", OptionalText), ("team-id", OptionalText), ("user", OptionalText),
        ("user-id", OptionalText), ("trace-id", OptionalText), ("i18n-id", OptionalText), ("correlation-id", OptionalText),
        ("attributes", WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text))), ("session-id", OptionalText), ("flow-id", OptionalText), ("node-id", OptionalText),
        ("provider-id", OptionalText), ("deadline-ms", WitType.OptionOf(WitType.S64)), ("attempt", WitType.U32), ("idempotency-key", OptionalText),
        ("impersonation", WitType.OptionOf(WitType.RecordOf(("actor-id", WitType.Text), ("reason", OptionalText)))));

    private static WitType Tenant04() => WitType.RecordOf(
        ("tenant", WitType.Text), ("team", OptionalText), ("user", OptionalText), ("trace-id", OptionalText), ("correlation-id", OptionalText),
        ("deadline-unix-ms", WitType.OptionOf(WitType.U64)), ("attempt", WitType.U32), ("idempotency-key", OptionalText));

    private static WitType Error(WitType details) => WitType.RecordOf(
        ("code", WitType.Text), ("message", WitType.Text), ("retryable", WitType.Bool), ("backoff-ms", WitType.OptionOf(WitType.U64)), ("details", details));

    private sealed record FunctionShape(int Parameters);
}
