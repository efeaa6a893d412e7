using System.Buffers.Binary;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:random</c>. The insecure variants take from the same source: nothing is gained by a worse one.</summary>
internal static class WasiRandom
{
    private const ulong MostBytes = 1 << 20;

    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:random/random#get-random-bytes"] = Bytes,
        ["wasi:random/random#get-random-u64"] = (call, _) => Values.Of(Next(call)),
        ["wasi:random/insecure#get-insecure-random-bytes"] = Bytes,
        ["wasi:random/insecure#get-insecure-random-u64"] = (call, _) => Values.Of(Next(call)),
        ["wasi:random/insecure-seed#insecure-seed"] = (call, _) => ComponentValue.Of(Values.Of(Next(call)), Values.Of(Next(call))),
    };

    private static ComponentValue Bytes(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var count = arguments[0].Natural();
        if (count > MostBytes)
        {
            throw HostCall.Trap($"{count} random bytes at once; at most {MostBytes} are given");
        }

        var bytes = new byte[count];
        call.Get<WasiContext>().Random(bytes);
        return Values.Of(bytes);
    }

    private static ulong Next(HostCall call)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        call.Get<WasiContext>().Random(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
