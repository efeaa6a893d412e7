using System.Text;
using Gtc.Artifacts.Packs;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Flows.Tests.Components;

/// <summary>Small providers. Every function but <c>invoke</c> answers a fixed text or its argument.</summary>
internal static class TestProviders
{
    public const string Type = "messaging.test.bot";

    private const string SchemaCore = "greentic:provider-schema-core/schema-core-api@1.0.0";
    private const string Identity = "greentic:provider-instance-identity/instance-identity-api@0.1.0";
    private const int Returned = CoreModules.ReturnArea;
    private const int Text = 1024;

    private static readonly WitType Document = WitType.ListOf(WitType.U8);

    /// <summary>Answers its input; describes itself and its health with a text.</summary>
    public static byte[] Echo(string text = """{"status":"healthy"}""", bool knowsInstances = true) => Make(text, Code(Keep(2, 0), Keep(3, 4)), knowsInstances);

    /// <summary>Answers every operation with the same text.</summary>
    public static byte[] Saying(string text) => Make(text, Constant(text), knowsInstances: false);

    public static byte[] Trapping() => Make("{}", new Bytes().Add(0x00), knowsInstances: false);

    public static byte[] Looping() => Make("{}", new Bytes().Add(0x03, 0x40, 0x0C, 0, 0x0B, 0x00), knowsInstances: false);

    /// <summary>A pack with a provider and flows.</summary>
    public static PackFile Pack(byte[] component, string flows = "", string id = "p", string componentId = "my.provider", string runtime = "my.provider") => Flow.Open(
        $$$"""
        {"schema_version":"pack-v1","pack_id":"{{{id}}}","version":"1.0.0","kind":"provider","publisher":"t",
         "components":[{"id":"{{{componentId}}}","version":"1.0.0"}],"flows":[{{{flows}}}],
         "extensions":{"greentic.provider-extension.v1":{"kind":"greentic.provider-extension.v1","version":"1.0.0","inline":{"providers":[
            {"provider_type":"{{{Type}}}","capabilities":[],"ops":["send"],"runtime":{"component_ref":"{{{runtime}}}","export":"schema-core-api","world":"w"} } ] } } } }
        """,
        ($"components/{componentId}.wasm", component));

    private static byte[] Make(string text, Bytes invoke, bool knowsInstances)
    {
        var writer = new ComponentWriter();
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var core = writer.InstantiateCore(writer.CoreModule(Module(text, invoke)), ("env", allocator));
        var options = ComponentWriter.Options(0, writer.CoreMemory(allocator, "memory"), writer.CoreFunction(allocator, "realloc"), null);
        int Lift(string name, WitType[] parameters, WitType result)
        {
            var type = writer.Function(parameters, result);
            return writer.Lift(writer.CoreFunction(core, name), options, type);
        }

        var describe = Lift("text", [], Document);
        var validate = Lift("echo", [Document], Document);
        var health = Lift("text", [], Document);
        var called = Lift("invoke", [WitType.Text, Document], Document);
        var identify = Lift("identify", [Document], WitType.OptionOf(WitType.Text));
        writer.Export(SchemaCore, 5, writer.Bundle(("describe", (byte)1, describe), ("validate-config", (byte)1, validate), ("healthcheck", (byte)1, health), ("invoke", (byte)1, called)));
        if (knowsInstances)
        {
            writer.Export(Identity, 5, writer.Bundle(("identify-instance", (byte)1, identify)));
        }

        return writer.ToArray();
    }

    private static byte[] Module(string text, Bytes invoke)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, new Bytes().Number(3).Add(0x60, 0, 1, 0x7F).Add(0x60, 2, 0x7F, 0x7F, 1, 0x7F).Add(0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F))
            .Section(2, new Bytes().Number(1).Name("env").Name("memory").Add(2, 0).Number(1))
            .Section(3, new Bytes().Number(4).Add(0, 1, 1, 2))
            .Section(7, new Bytes().Number(4).Name("text").Add(0, 0).Name("echo").Add(0, 1).Name("identify").Add(0, 2).Name("invoke").Add(0, 3))
            .Section(10, new Bytes().Number(4)
                .Append(Body(Constant(text)))
                .Append(Body(Code(Keep(0, 0), Keep(1, 4))))
                .Append(Body(Code(new Bytes().Add(0x41).Signed(Returned).Add(0x41).Signed(1).Add(0x3A, 0, 0), Keep(0, 4), Keep(1, 8))))
                .Append(Body(invoke)))
            .Section(11, new Bytes().Number(1).Add(0, 0x41).Signed(Text).Add(0x0B).Number(bytes.Length).Add(bytes))
            .ToArray();
    }

    private static Bytes Constant(string text) => Code(Word(0, Text), Word(4, Encoding.UTF8.GetByteCount(text)));

    private static Bytes Body(Bytes code)
    {
        var all = new Bytes().Number(0).Append(code).Add(0x0B).ToArray();
        return new Bytes().Number(all.Length).Add(all);
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

    private static Bytes Word(int to, int value) => new Bytes().Add(0x41).Signed(Returned).Add(0x41).Signed(value).Add(0x36, 2).Number(to);

    private static Bytes Keep(int parameter, int to) => new Bytes().Add(0x41).Signed(Returned).Add(0x20).Number(parameter).Add(0x36, 2).Number(to);
}
