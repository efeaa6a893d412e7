using System.Diagnostics;

namespace Gtc.Wasm.Tests;

/// <summary>Modules from WebAssembly text, and instances of them in stores of their own.</summary>
internal static class Guest
{
    /// <summary>Converts text with wat2wasm.</summary>
    public static byte[] Bytes(string text)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-wat-");
        try
        {
            var source = Path.Combine(folder.FullName, "guest.wat");
            var target = Path.Combine(folder.FullName, "guest.wasm");
            File.WriteAllText(source, text);
            var start = new ProcessStartInfo("wat2wasm", ["--enable-tail-call", source, "-o", target]) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var problems = process.StandardError.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0, problems);
            return File.ReadAllBytes(target);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static WasmCode Code(string text) => new WasmEngine(WasmLimits.Default).Load(Bytes(text)).Value;

    public static WasmInstance Run(string text, WasmStore store, WasmImports? imports = null)
    {
        Code(text).Instantiate(store, imports ?? new WasmImports()).TryGet(out var instance, out var error).ShouldBeTrue(error?.ToString());
        return instance!;
    }

    public static WasmStore Store(StoreLimits? limits = null) => new(limits ?? StoreLimits.Default);

    /// <summary>Calls a function with one result at most.</summary>
    public static WasmValue Call(this WasmInstance instance, string name, params WasmValue[] arguments)
    {
        var results = new WasmValue[1];
        instance.FindFunction(name)!.Invoke(arguments, results).ShouldBeNull();
        return results[0];
    }

    /// <summary>Calls a function that traps.</summary>
    public static WasmTrap Trap(this WasmInstance instance, string name, params WasmValue[] arguments) =>
        instance.FindFunction(name)!.Invoke(arguments, new WasmValue[1]).ShouldNotBeNull();
}
