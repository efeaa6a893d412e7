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
    private const int HostReturned = 8192;
    private const int Zeros = 12288;
    private const int CounterAt = 20_000;
    private const int TextAt = 30_000;
    private const int HeadersAt = 40_000;

    // Where the parts of node@0.6.0's arguments are, by the rules of the canonical ABI.
    private const int Operation = 0;
    private const int FlowId = 96;
    private const int Payload = 124;

    private static readonly WitType Bytes = WitType.ListOf(WitType.U8);
    private static readonly WitType OptionalText = WitType.OptionOf(WitType.Text);
    private static readonly WitType OptionalBytes = WitType.OptionOf(Bytes);

    /// <summary>What host functions answer that cannot do what they are asked.</summary>
    public static WitType HostError { get; } = WitType.RecordOf(("code", WitType.Text), ("message", WitType.Text));

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

    /// <summary>Asks for some pages of memory and traps when it does not get them; else answers its payload.</summary>
    public static byte[] Growing(int pages) => Node(new Bytes().Add(0x41).Signed(pages).Add(0x40, 0, 0x41, 0x7F, 0x46, 0x04, 0x40, 0x00, 0x0B)
        .Append(Code(Store8(0, 0), Store8(8, 1), Copy(Payload, 12), Copy(Payload + 4, 16), Store8(20, 0))));

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

    /// <summary>An echo that imports an interface of types alone.</summary>
    public static byte[] ImportingTypes(string id)
    {
        var writer = new ComponentWriter();
        writer.ImportInstance(id, writer.Type(new Bytes().Add(0x42).Number(0)));
        return Export(writer, Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(Store8(0, 0), Store8(8, 1), Copy(Payload, 12), Copy(Payload + 4, 16), Store8(20, 0)));
    }

    /// <summary>
    /// Calls a function of the host with arguments that are all zero and answers <c>[first byte of what it returned, fifth byte of it]</c>;
    /// for a bool, <c>[0, bool]</c>.
    /// </summary>
    /// <param name="id">The interface.</param>
    /// <param name="function">The function.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="flat">How many core parameters they make; null when they travel through memory.</param>
    /// <param name="result">Its result.</param>
    public static byte[] Probe(string id, string function, WitType[] parameters, int? flat, WitType result) => Export(
        Importing(id, function, parameters, result, out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
            Called(flat, result == WitType.Bool),
            new Bytes().Add(0x41).Signed(6000).Add(0x41).Signed(0x82).Add(0x3A, 0, 0),
            new Bytes().Add(0x41).Signed(6001).Add(0x41).Signed(HostReturned).Add(0x2D, 0, 0, 0x3A, 0, 0),
            new Bytes().Add(0x41).Signed(6002).Add(0x41).Signed(HostReturned).Add(0x2D, 0, 4, 0x3A, 0, 0),
            Store8(0, 0), Store8(8, 1), Store32(12, 6000), Store32(16, 3), Store8(20, 0)),
        (import, flat ?? 1, result == WitType.Bool));

    /// <summary>Calls a function of the host like <see cref="Probe"/>, a number of times, and answers like it about the last call.</summary>
    public static byte[] Repeating(string id, string function, WitType[] parameters, int flat, WitType result, int times) =>
        Counting(id, function, parameters, flat, result, times, Called(flat, isBool: false));

    /// <summary>Writes state a number of times, each value of 64 KiB under a name of its own, and answers like <see cref="Probe"/> about the last one.</summary>
    public static byte[] Flooding(WitType done, int times)
    {
        var code = Arguments(0).Append(Counter()).Append(Arguments(0, 65_536, 0, 0, 0, HostReturned));
        return Counting("greentic:state/state-store@1.0.0", "write", [WitType.Text, Bytes, OptionalText], 7, WitType.ResultOf(done, HostError), times, code.Add(0x10, 0));
    }

    /// <summary>Sends a request with a thousand headers whose names are the same MiB of memory.</summary>
    public static byte[] Swelling(WitType request, WitType response) => Export(
        Importing("greentic:http/http-client@1.0.0", "send", [request, OptionalText], WitType.ResultOf(response, HostError), out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
            new Bytes().Add(0x03, 0x40)
                .Append(Header()).Append(Arguments(2 << 20)).Add(0x36, 2, 0)
                .Append(Header()).Append(Arguments(1 << 20)).Add(0x36, 2, 4)
                .Append(Arguments(CounterAt)).Append(Counter()).Append(Arguments(1)).Add(0x6A, 0x36, 2, 0)
                .Append(Counter()).Append(Arguments(1000)).Add(0x49, 0x0D, 0, 0x0B),
            Arguments(0, 0, 0, 0, HeadersAt, 1000, 0, 0, 0, 0, 0, 0, HostReturned).Add(0x10, 0),
            Store8(0, 1)),
        (import, 12, false));

    /// <summary>Asks the host for what is kept under a key (a secret, a setting) and answers it, which must be CBOR; nothing, which is none, when there is nothing.</summary>
    public static byte[] Reading(string id, string key, WitType value) => Export(
        Importing(id, "get", [WitType.Text], WitType.ResultOf(WitType.OptionOf(value), WitType.EnumOf("not-found", "denied", "invalid-key", "internal")), out var import),
        Node06,
        "invoke",
        NodeTypes(),
        new FunctionShape(1),
        Code(
            Place(TextAt, key), Arguments(TextAt, key.Length, HostReturned).Add(0x10, 0),
            Store8(0, 0), Store8(8, 1), Returns(8, 12), Returns(12, 16), Store8(20, 0)),
        (import, 2, false));

    /// <summary>Writes a secret and answers what it wrote, which must be CBOR.</summary>
    public static byte[] Writing(string key, string value) => Export(
        Importing("greentic:secrets-store/secrets-store@1.1.0", "put", [WitType.Text, Bytes], null, out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
            Place(TextAt, key + value), Arguments(TextAt, key.Length, TextAt + key.Length, value.Length).Add(0x10, 0),
            Store8(0, 0), Store8(8, 1), Store32(12, TextAt + key.Length), Store32(16, value.Length), Store8(20, 0)),
        (import, 3, false));

    /// <summary>Fetches a URL and answers the body, which must be CBOR; nothing, which is none, when there is no answer.</summary>
    public static byte[] Fetching(string url)
    {
        var pairs = WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text));
        var request = WitType.RecordOf(("method", WitType.Text), ("url", WitType.Text), ("headers", pairs), ("body", OptionalBytes));
        var response = WitType.RecordOf(("status", WitType.U16), ("headers", pairs), ("body", OptionalBytes));
        return Export(
            Importing("greentic:http/http-client@1.0.0", "send", [request, OptionalText], WitType.ResultOf(response, HostError), out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
                Place(TextAt, "GET" + url), Arguments(TextAt, 3, TextAt + 3, url.Length, 0, 0, 0, 0, 0, 0, 0, 0, HostReturned).Add(0x10, 0),
                Store8(0, 0), Store8(8, 1), Returns(20, 12), Returns(24, 16), Store8(20, 0)),
            (import, 12, false));
    }

    /// <summary>Calls a function of the host like <see cref="Probe"/> and answers the code and message of the error that it returned.</summary>
    public static byte[] Refused(string id, string function, WitType[] parameters, int? flat, WitType ok) => Export(
        Importing(id, function, parameters, WitType.ResultOf(ok, HostError), out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
            Called(flat, isBool: false),
            Store8(0, 1), Returns(4, 8), Returns(8, 12), Returns(12, 16), Returns(16, 20), Store8(24, 0), Store8(32, 0), Store8(48, 0)),
        (import, flat ?? 1, false));

    /// <summary>A component whose function has the right name and the types of another.</summary>
    public static byte[] OddlyShaped() => Export(
        new(), Node06, "invoke", ([Bytes, WitType.RecordOf(("ctx", WitType.RecordOf(("tenant-id", WitType.U32), ("deadline-ms", WitType.U32))))], WitType.RecordOf(("a", Bytes), ("b", Bytes))), new(4), Code(Keep(0, 0)));

    /// <summary>A component whose function takes another number of arguments.</summary>
    public static byte[] ShortOfArguments() => Export(new(), Node06, "invoke", ([Bytes, Bytes, Bytes], WitType.RecordOf(("a", Bytes), ("b", Bytes))), new(6), Code(Keep(0, 0)));

    /// <summary>A component that exports nothing a flow can call.</summary>
    public static byte[] Other() => Export(new(), "test:other/thing@1.0.0", "run", ([Bytes, Bytes], WitType.RecordOf(("a", Bytes), ("b", Bytes))), new(4), Code(Keep(0, 0)));

    private static byte[] Counting(string id, string function, WitType[] parameters, int flat, WitType result, int times, Bytes call) => Export(
        Importing(id, function, parameters, result, out var import), Node06, "invoke", NodeTypes(), new FunctionShape(1), Code(
            new Bytes().Add(0x03, 0x40).Add(0x41).Signed(CounterAt).Append(Counter()).Add(0x41).Signed(1).Add(0x6A, 0x36, 2, 0)
                .Append(call)
                .Append(Counter()).Add(0x41).Signed(times).Add(0x49, 0x0D, 0, 0x0B),
            new Bytes().Add(0x41).Signed(6000).Add(0x41).Signed(0x82).Add(0x3A, 0, 0),
            new Bytes().Add(0x41).Signed(6001).Add(0x41).Signed(HostReturned).Add(0x2D, 0, 0, 0x3A, 0, 0),
            new Bytes().Add(0x41).Signed(6002).Add(0x41).Signed(0).Add(0x3A, 0, 0),
            Store8(0, 0), Store8(8, 1), Store32(12, 6000), Store32(16, 3), Store8(20, 0)),
        (import, flat, false));

    private static Bytes Arguments(params ReadOnlySpan<int> values)
    {
        var code = new Bytes();
        foreach (var value in values)
        {
            code.Add(0x41).Signed(value);
        }

        return code;
    }

    private static Bytes Place(int at, string text)
    {
        var code = new Bytes();
        foreach (var letter in text)
        {
            code.Add(0x41).Signed(at++).Add(0x41).Signed(letter).Add(0x3A, 0, 0);
        }

        return code;
    }

    private static Bytes Header() => Counter().Append(Arguments(16)).Add(0x6C).Append(Arguments(HeadersAt)).Add(0x6A);

    private static Bytes Counter() => new Bytes().Add(0x41).Signed(CounterAt).Add(0x28, 2, 0);

    private static byte[] Node(Bytes code) => Export(new(), Node06, "invoke", NodeTypes(), new(1), code);

    private static byte[] Export(
        ComponentWriter writer, string id, string function, (WitType[] Parameters, WitType Result) types, FunctionShape shape, Bytes code, (int Function, int Flat, bool IsBool)? import = null)
    {
        var type = writer.Function(types.Parameters, types.Result);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var options = ComponentWriter.Options(0, writer.CoreMemory(allocator, "memory"), writer.CoreFunction(allocator, "realloc"), null);
        var instance = import is { } called
            ? writer.InstantiateCore(writer.CoreModule(Module(shape, code, called)), ("env", allocator), ("host", writer.BundleCore(("f", (byte)0, writer.Lower(called.Function, options)))))
            : writer.InstantiateCore(writer.CoreModule(Module(shape, code, null)), ("env", allocator));
        var run = writer.CoreFunction(instance, "run");
        writer.Export(id, 5, writer.Bundle((function, (byte)1, writer.Lift(run, options, type))));
        return writer.ToArray();
    }

    private static byte[] Module(FunctionShape shape, Bytes code, (int Function, int Flat, bool IsBool)? import)
    {
        var types = new Bytes().Number(import is null ? 1 : 2).Append(Type(shape.Parameters, returns: true));
        var imports = new Bytes().Number(import is null ? 1 : 2).Name("env").Name("memory").Add(2, 0).Number(1);
        if (import is { } called)
        {
            types.Append(Type(called.Flat + (called.IsBool ? 0 : 1), called.IsBool));
            imports.Name("host").Name("f").Add(0, 1);
        }

        var body = new Bytes().Number(0).Append(code).Add(0x0B).ToArray();
        return new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, types)
            .Section(2, imports)
            .Section(3, new Bytes().Number(1).Add(0))
            .Section(7, new Bytes().Number(1).Name("run").Add(0, import is null ? (byte)0 : (byte)1))
            .Section(10, new Bytes().Number(1).Number(body.Length).Add(body))
            .ToArray();
    }

    private static Bytes Type(int parameters, bool returns)
    {
        var type = new Bytes().Add(0x60).Number(parameters).Add(Enumerable.Repeat((byte)0x7F, parameters).ToArray());
        return returns ? type.Add(1, 0x7F) : type.Add(0);
    }

    private static ComponentWriter Importing(string id, string function, WitType[] parameters, WitType? result, out int imported)
    {
        var declarations = new Bytes();
        var count = 0;
        int Declare(Bytes definition)
        {
            declarations.Add(1).Append(definition);
            return count++;
        }

        Bytes Reference(WitType type) => TypeBytes.Reference(type, inner => Declare(TypeBytes.Definition(inner, Reference)));
        var definition = new Bytes().Add(0x40).Number(parameters.Length);
        for (var i = 0; i < parameters.Length; i++)
        {
            definition.Name($"p{i}").Append(Reference(parameters[i]));
        }

        var type = Declare(result is null ? definition.Add(1, 0) : definition.Add(0).Append(Reference(result)));
        declarations.Add(4, 0).Name(function).Add(1).Number(type);
        var writer = new ComponentWriter();
        imported = writer.FunctionOf(writer.ImportInstance(id, writer.Type(new Bytes().Add(0x42).Number(count + 1).Append(declarations))), function);
        return writer;
    }

    private static Bytes Called(int? flat, bool isBool)
    {
        var code = new Bytes();
        if (isBool)
        {
            return code.Add(0x41).Signed(HostReturned + 4).Add(0x10, 0, 0x3A, 0, 0);
        }

        for (var i = 0; i < (flat ?? 1); i++)
        {
            code.Add(0x41).Signed(flat is null ? Zeros : 0);
        }

        return code.Add(0x41).Signed(HostReturned).Add(0x10, 0);
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

    private static Bytes Store32(int offset, int value) => new Bytes().Add(0x41).Signed(Returned).Add(0x41).Signed(value).Add(0x36, 2).Number(offset);

    /// <summary>Copies four bytes of what the host returned into the returned place.</summary>
    private static Bytes Returns(int from, int to) => new Bytes().Add(0x41).Signed(Returned).Add(0x41).Signed(HostReturned).Add(0x28, 2).Number(from).Add(0x36, 2).Number(to);

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
