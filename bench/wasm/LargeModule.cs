namespace Gtc.Wasm.Bench;

/// <summary>A module of a given size: many functions of some hundred bytes, with what compilers emit (loads, stores, arithmetic, branches, loops, calls), a table of them all and a memory.</summary>
internal static class LargeModule
{
    public static byte[] Bytes(int length)
    {
        var bodies = new List<byte[]>();
        for (var total = 0; total < length; total += bodies[^1].Length)
        {
            bodies.Add(Body(bodies.Count));
        }

        List<byte> module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        var count = (uint)bodies.Count;
        Section(module, 1, [1, 0x60, 2, 0x7F, 0x7F, 1, 0x7F]);
        Section(module, 3, [.. U32(count), .. new byte[count]]);
        Section(module, 4, [1, 0x70, 0, .. U32(count)]);
        Section(module, 5, [1, 0, 16]);
        Section(module, 6, [1, 0x7F, 1, 0x41, .. S32(65_536), 0x0B]);
        Section(module, 7, [1, 3, .. "run"u8, 0, 0]);
        Section(module, 9, [1, 0, 0x41, 0, 0x0B, .. U32(count), .. Enumerable.Range(0, (int)count).SelectMany(function => U32((uint)function))]);
        Section(module, 10, [.. U32(count), .. bodies.SelectMany(body => body)]);
        return [.. module];
    }

    // Three locals; a frame on the guest's stack; then some pieces that differ by function; then the result.
    private static byte[] Body(int function)
    {
        List<byte> code = [1, 3, 0x7F, 0x23, 0, 0x41, 16, 0x6B, 0x22, 2, 0x24, 0];
        for (var piece = 0; piece < 6 + (function % 9); piece++)
        {
            code.AddRange(((function * 7) + piece) % 5 switch
            {
                // local 3 = load(local 0 + offset) + constant
                0 => (byte[])[0x20, 0, 0x28, 2, .. U32((uint)(piece * 4)), 0x41, .. S32(function), 0x6A, 0x21, 3],
                // store(frame, local 3 ^ local 1)
                1 => [0x20, 2, 0x20, 3, 0x20, 1, 0x73, 0x36, 2, 12],
                // if (local 3 < constant) local 4 = local 1 * constant
                2 => [0x20, 3, 0x41, .. S32(function + piece), 0x48, 0x04, 0x40, 0x20, 1, 0x41, .. S32(31), 0x6C, 0x21, 4, 0x0B],
                // a loop of local 4 & 7 steps over bytes
                3 => [0x20, 4, 0x41, 7, 0x71, 0x21, 4, 0x03, 0x40, 0x20, 3, 0x20, 4, 0x2D, 0, 8, 0x6A, 0x21, 3, 0x20, 4, 0x41, 0x7F, 0x6A, 0x22, 4, 0x41, 0, 0x4A, 0x0D, 0, 0x0B],
                // if (local 3 == constant) local 3 += call(local 3, local 1)
                _ => [0x20, 3, 0x41, .. S32(function), 0x46, 0x04, 0x40, 0x20, 3, 0x20, 3, 0x20, 1, 0x10, .. U32((uint)(function / 2)), 0x6A, 0x21, 3, 0x0B],
            });
        }

        code.AddRange([0x20, 2, 0x41, 16, 0x6A, 0x24, 0, 0x20, 3, 0x20, 4, 0x6A, 0x0B]);
        return [.. U32((uint)code.Count), .. code];
    }

    private static void Section(List<byte> module, byte number, byte[] content)
    {
        module.Add(number);
        module.AddRange(U32((uint)content.Length));
        module.AddRange(content);
    }

    private static IEnumerable<byte> U32(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }

    private static IEnumerable<byte> S32(int value)
    {
        for (; value is < -64 or > 63; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)(value & 0x7F);
    }
}
