using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Wrong_components_are_refused
{
    [Fact]
    public void Core_modules_are_named_as_such() =>
        Refuse([0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0], WasmErrorKind.Malformed, "this is a core module");

    [Fact]
    public void Other_bytes_and_versions() => Refuse([1, 2, 3], WasmErrorKind.Malformed, "begins with");

    [Fact]
    public void Sections_longer_than_the_file() =>
        Refuse(Written(writer => writer.ToArray()).Concat<byte>([7, 50, 1]), WasmErrorKind.Malformed, "a section of 50 bytes where 1 are left");

    [Fact]
    public void Start_functions() => Refuse(Written(writer => writer.Section(9, new Bytes().Number(0)).ToArray()), WasmErrorKind.Invalid, "start functions");

    [Fact]
    public void Unknown_sections() => Refuse(Written(writer => writer.Section(13, new Bytes()).ToArray()), WasmErrorKind.Malformed, "unknown section 13");

    [Theory]
    [InlineData(new byte[] { 0x72, 0 }, "at least one field")]
    [InlineData(new byte[] { 0x72, 2, 1, (byte)'a', 0x7F, 1, (byte)'A', 0x7F }, "used twice")]
    [InlineData(new byte[] { 0x6F, 0 }, "at least one part")]
    [InlineData(new byte[] { 0x71, 0 }, "at least one case")]
    [InlineData(new byte[] { 0x6D, 0 }, "at least one name")]
    [InlineData(new byte[] { 0x70, 0 }, "type 0 does not exist")]
    [InlineData(new byte[] { 0x69, 0 }, "type 0 does not exist")]
    [InlineData(new byte[] { 0x65, 0 }, "unknown or unsupported type 0x65")]
    [InlineData(new byte[] { 0x6D, 1, 3, (byte)'a', (byte)'-', (byte)'-' }, "words joined by hyphens")]
    [InlineData(new byte[] { 0x40, 0, 1, 1 }, "named results are not supported")]
    [InlineData(new byte[] { 0x3F, 0x7E, 0 }, "represented by i32")]
    public void Types_that_are_wrong(byte[] definition, string reason) =>
        Refuse(Written(writer => writer.Section(7, new Bytes().Number(1).Add(definition)).ToArray()), null, reason);

    [Fact]
    public void Flags_with_more_than_32_names()
    {
        var flags = new Bytes().Add(0x6E).Number(33);
        for (var i = 0; i < 33; i++)
        {
            flags.Name($"f{i}");
        }

        Refuse(Written(writer => writer.Section(7, new Bytes().Number(1).Append(flags)).ToArray()), WasmErrorKind.Invalid, "at most 32 names");
    }

    [Fact]
    public void Types_that_grow_without_end()
    {
        // Each type has the one before it twice: the hundredth would have 2^100 parts.
        var writer = new ComponentWriter();
        var type = writer.Type(WitType.U8);
        for (var i = 0; i < 99; i++)
        {
            type = writer.Type(new Bytes().Add(0x6F).Number(2).Signed(type).Signed(type));
        }

        Refuse(writer.ToArray(), WasmErrorKind.TooLarge, "parts");
    }

    [Fact]
    public void Results_with_borrowed_handles()
    {
        var writer = new ComponentWriter();
        var borrow = writer.Type(new Bytes().Add(0x68).Number(writer.ImportResource("r")));
        writer.Section(7, new Bytes().Number(1).Add(0x40, 0, 0).Signed(borrow));
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "may not hold a borrowed handle");
    }

    [Fact]
    public void Resources_made_by_those_who_do_not_define_them()
    {
        var writer = new ComponentWriter();
        writer.ResourceFunction(2, writer.ImportResource("r"));
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "for the component that defines");
    }

    [Fact]
    public void Functions_lifted_from_another_signature()
    {
        var writer = new ComponentWriter();
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var realloc = writer.CoreFunction(allocator, "realloc");
        writer.Lift(realloc, new Bytes().Number(0), writer.Function([WitType.U32], WitType.U32));
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "has the type [i32] -> [i32], this one has [i32 i32 i32 i32] -> [i32]");
    }

    [Fact]
    public void Strings_without_memory()
    {
        var writer = new ComponentWriter();
        writer.Lower(writer.ImportFunction("f", writer.Function([WitType.Text], null)), new Bytes().Number(0));
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "the option memory is missing");
    }

    [Fact]
    public void Exports_and_imports_with_one_name_twice()
    {
        var writer = new ComponentWriter();
        var type = writer.Function([], null);
        writer.ImportFunction("f", type);
        writer.ImportFunction("F", type);
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "differs from another in case alone");
    }

    [Fact]
    public void Core_modules_that_are_invalid_are_refused_with_their_place_in_the_file()
    {
        var writer = new ComponentWriter();
        writer.CoreModule([0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 99, 0]);
        var error = new ComponentEngine(WasmLimits.Default).Load(writer.ToArray()).Error;
        error!.Offset.ShouldBeGreaterThanOrEqualTo(18);
    }

    [Fact]
    public void Nested_components_given_what_does_not_fit()
    {
        var inner = new ComponentWriter();
        inner.ImportFunction("f", inner.Function([WitType.U32], null));
        var writer = new ComponentWriter();
        var component = writer.Component(inner.ToArray());
        var other = writer.ImportFunction("g", writer.Function([WitType.U8], null));
        writer.Instantiate(component, ("f", (byte)1, other));
        Refuse(writer.ToArray(), WasmErrorKind.Invalid, "the component's import \"f\": func(paa: u32) is needed, func(paa: u8) is given");
    }

    [Fact]
    public void Components_nested_without_end()
    {
        var bytes = new ComponentWriter().ToArray();
        for (var i = 0; i < 20; i++)
        {
            var writer = new ComponentWriter();
            writer.Component(bytes);
            bytes = writer.ToArray();
        }

        Refuse(bytes, WasmErrorKind.TooLarge, "nested more than 16 deep");
    }

    private static byte[] Written(Func<ComponentWriter, byte[]> write) => write(new ComponentWriter());

    private static void Refuse(IEnumerable<byte> bytes, WasmErrorKind? kind, string reason)
    {
        var error = new ComponentEngine(WasmLimits.Default).Load(bytes.ToArray()).Error;
        error.ShouldNotBeNull();
        error.Message.ShouldContain(reason);
        error.Offset.ShouldBeGreaterThanOrEqualTo(0);
        error.Kind.ShouldBe(kind ?? error.Kind);
    }
}
