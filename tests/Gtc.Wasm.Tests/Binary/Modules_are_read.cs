namespace Gtc.Wasm.Tests;

/// <summary>What the model says of a module.</summary>
public sealed class Modules_are_read
{
    [Fact]
    public void Index_spaces_list_imports_first()
    {
        var module = Load("""
            (module
              (type (func (param i32 v128) (result f64 externref)))
              (import "a" "f" (func (type 0)))
              (import "a" "t" (table 1 2 externref))
              (import "a" "m" (memory 3))
              (import "a" "g" (global (mut f32)))
              (func (local i32 i32 i64))
              (table 4 funcref)
              (global i64 (i64.const 7))
              (export "again" (func 0))
              (start 1)
              (data (i32.const 8) "xyz")
              (elem declare func 1))
            """);
        module.Imports.Select(import => import.ToString()).ShouldBe(["Function \"a\" \"f\"", "Table \"a\" \"t\"", "Memory \"a\" \"m\"", "Global \"a\" \"g\""]);
        module.TypeOf(0).ToString().ShouldBe("[i32 v128] -> [f64 externref]");
        module.TypeOf(1).ShouldBe(FunctionType.Empty);
        module.Tables.ShouldBe([new TableType(ValueType.ExternRef, new SizeLimits(1, 2)), new TableType(ValueType.FuncRef, new SizeLimits(4, null))]);
        module.Memories.ShouldBe([new MemoryType(new SizeLimits(3, null))]);
        module.Globals.ShouldBe([new GlobalType(ValueType.F32, true), new GlobalType(ValueType.I64, false)]);
        module.Exports.ShouldBe([new Export("again", ExternalKind.Function, 0)]);
        module.Start.ShouldBe(1u);
        module.Code.ShouldHaveSingleItem().LocalCount.ShouldBe(3);
        module.Data.ShouldHaveSingleItem().Bytes.ToArray().ShouldBe("xyz"u8.ToArray());
        module.Elements.ShouldHaveSingleItem().Mode.ShouldBe(SegmentMode.Declarative);
        (module.ImportedFunctions, module.ImportedTables, module.ImportedMemories, module.ImportedGlobals).ShouldBe((1, 1, 1, 1));
    }

    [Fact]
    public void Functions_are_called_by_their_names()
    {
        var module = Load("(module (func $first) (func (export \"second\")) (func))", "--debug-names");
        module.NameOf(0).ShouldBe("first");
        module.NameOf(1).ShouldBe("second");
        module.NameOf(2).ShouldBe("function 2");
    }

    [Fact]
    public void A_damaged_name_section_is_no_reason_to_refuse()
    {
        var module = WasmModule.Load(ModuleWriter.Start().Section(0, section => section.Name("name").Raw(1, 0xFF, 0xFF, 0xFF)).ToArray(), WasmLimits.Default).Value;
        module.NameOf(0).ShouldBe("function 0");
        module.CustomSections.ShouldHaveSingleItem().Name.ShouldBe("name");
    }

    [Fact]
    public void A_refusal_says_where_and_what()
    {
        var module = ModuleWriter.OneFunction(new FunctionType([], [ValueType.I32]), code => code.Zero(ValueType.I64));
        var error = WasmModule.Load(module, WasmLimits.Default).Error.ShouldNotBeNull();
        error.ToString().ShouldBe($"invalid at byte {module.Length - 1}: type mismatch: end expects i32, found i64");
    }

    private static WasmModule Load(string text, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-wat-").FullName;
        try
        {
            var (source, target) = (Path.Combine(folder, "one.wat"), Path.Combine(folder, "one.wasm"));
            File.WriteAllText(source, text);
            using var process = System.Diagnostics.Process.Start("wat2wasm", [source, .. options, "-o", target]);
            process.WaitForExit();
            process.ExitCode.ShouldBe(0);
            return WasmModule.Load(File.ReadAllBytes(target), WasmLimits.Default).Value;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
