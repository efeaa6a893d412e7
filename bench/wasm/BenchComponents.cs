using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Wasm.Bench;

/// <summary>Components that are measured, written by hand so that only the engine is.</summary>
internal static class BenchComponents
{
    /// <summary>Where <c>echo</c> puts the place and length of its result.</summary>
    private const int ReturnArea = 1024;

    /// <summary>A component whose <c>echo</c> takes a string and gives it back; each call's memory is free again after it.</summary>
    public static byte[] Echo()
    {
        var writer = new ComponentWriter();
        var core = writer.InstantiateCore(writer.CoreModule(EchoModule()));
        var memory = writer.CoreMemory(core, "memory");
        var realloc = writer.CoreFunction(core, "realloc");
        var echo = writer.CoreFunction(core, "echo");
        var free = writer.CoreFunction(core, "free");
        var type = writer.Function([WitType.Text], WitType.Text);
        writer.Export("echo", 1, writer.Lift(echo, ComponentWriter.Options(0, memory, realloc, free), type));
        return writer.ToArray();
    }

    /// <summary>A component around <see cref="LargeModule"/>.</summary>
    public static byte[] Large(int length)
    {
        var writer = new ComponentWriter();
        var run = writer.CoreFunction(writer.InstantiateCore(writer.CoreModule(LargeModule.Bytes(length))), "run");
        writer.Export("run", 1, writer.Lift(run, new Bytes().Number(0), writer.Function([WitType.U32, WitType.U32], WitType.U32)));
        return writer.ToArray();
    }

    // Global 0 is the first free byte; realloc only moves it on, and free, which runs after each call, sets it back.
    private static byte[] EchoModule() => new Bytes()
        .Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
        .Section(1, new Bytes().Number(3).Add(0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F).Add(0x60, 2, 0x7F, 0x7F, 1, 0x7F).Add(0x60, 1, 0x7F, 0))
        .Section(3, new Bytes().Number(3).Add(0, 1, 2))
        .Section(5, new Bytes().Number(1).Add(0).Number(2))
        .Section(6, new Bytes().Number(1).Add(0x7F, 1, 0x41).Signed(2 * ReturnArea).Add(0x0B))
        .Section(7, new Bytes().Number(4).Name("memory").Add(2, 0).Name("realloc").Add(0, 0).Name("echo").Add(0, 1).Name("free").Add(0, 2))
        .Section(10, new Bytes().Number(3)
            // global 0, which moves on by the size
            .Append(Body(new Bytes().Add(0x23, 0, 0x23, 0, 0x20, 3, 0x6A, 0x24, 0)))
            // store(area, place); store(area + 4, length); area
            .Append(Body(new Bytes().Add(0x41).Signed(ReturnArea).Add(0x20, 0, 0x36, 2, 0, 0x41).Signed(ReturnArea).Add(0x20, 1, 0x36, 2, 4, 0x41).Signed(ReturnArea)))
            .Append(Body(new Bytes().Add(0x41).Signed(2 * ReturnArea).Add(0x24, 0))))
        .ToArray();

    private static Bytes Body(Bytes code)
    {
        var all = new Bytes().Number(0).Append(code).Add(0x0B).ToArray();
        return new Bytes().Number(all.Length).Add(all);
    }
}
