using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:io</c>.</summary>
internal static class WasiIo
{
    private const ulong MostAtOnce = 64 * 1024;
    private const string Input = "wasi:io/streams#[method]input-stream";
    private const string Output = "wasi:io/streams#[method]output-stream";
    private static readonly ComponentValue Closed = ComponentValue.Error(new ComponentValue.Choice(1, null));

    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:io/error#[method]error.to-debug-string"] = (_, arguments) => Values.Of(arguments[0].Open(WasiResources.Error).Text),
        ["wasi:io/poll#[method]pollable.ready"] = (_, arguments) => Values.Of(arguments[0].Open(WasiResources.Pollable).IsReady),
        ["wasi:io/poll#[method]pollable.block"] = (call, arguments) =>
        {
            Pollable.Wait(call, [arguments[0].Open(WasiResources.Pollable)]);
            return null;
        },
        ["wasi:io/poll#poll"] = Poll,
        [$"{Input}.read"] = Read,
        [$"{Input}.blocking-read"] = Read,
        [$"{Input}.skip"] = Skip,
        [$"{Input}.blocking-skip"] = Skip,
        [$"{Input}.subscribe"] = Ready,
        [$"{Output}.check-write"] = (_, arguments) => ComponentValue.Ok(Values.Of(arguments[0].Open(WasiResources.Output).Room)),
        [$"{Output}.write"] = Write,
        [$"{Output}.blocking-write-and-flush"] = Write,
        [$"{Output}.flush"] = Flush,
        [$"{Output}.blocking-flush"] = Flush,
        [$"{Output}.subscribe"] = Ready,
        [$"{Output}.write-zeroes"] = WriteZeroes,
        [$"{Output}.blocking-write-zeroes-and-flush"] = WriteZeroes,
        [$"{Output}.splice"] = Splice,
        [$"{Output}.blocking-splice"] = Splice,
    };

    private static ComponentValue Poll(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var handles = arguments[0].Items();
        if (handles.IsEmpty)
        {
            throw HostCall.Trap("poll needs at least one pollable");
        }

        var pollables = new Pollable[handles.Length];
        for (var i = 0; i < pollables.Length; i++)
        {
            pollables[i] = handles[i].Open(WasiResources.Pollable);
        }

        Pollable.Wait(call, pollables);
        return Values.Of(Enumerable.Range(0, pollables.Length).Where(index => pollables[index].IsReady).Select(index => Values.Of((uint)index)));
    }

    private static ComponentValue Ready(HostCall call, ReadOnlySpan<ComponentValue> arguments) => Values.Give(WasiResources.Pollable, new AlwaysReady());

    private static ComponentValue Read(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var most = (int)Math.Min(arguments[1].Natural(), MostAtOnce);
        return Guard(arguments[0].Open(WasiResources.Input), most, static (input, count) =>
            input.Read(count) is { } bytes ? ComponentValue.Ok(Values.Of(bytes)) : Closed);
    }

    private static ComponentValue Skip(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var most = (int)Math.Min(arguments[1].Natural(), MostAtOnce);
        return Guard(arguments[0].Open(WasiResources.Input), most, static (input, count) =>
            input.Read(count) is { } bytes ? ComponentValue.Ok(Values.Of((ulong)bytes.Length)) : Closed);
    }

    private static ComponentValue Write(HostCall call, ReadOnlySpan<ComponentValue> arguments) =>
        Guard(arguments[0].Open(WasiResources.Output), arguments[1].Bytes(), static (output, bytes) => output.Write(bytes.Span) ? ComponentValue.Ok() : Closed);

    private static ComponentValue WriteZeroes(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var count = arguments[1].Natural();
        return count > MostAtOnce
            ? throw HostCall.Trap($"{count} zeroes at once; check-write allows {MostAtOnce}")
            : Guard(arguments[0].Open(WasiResources.Output), (int)count, static (output, zeroes) => output.Write(new byte[zeroes]) ? ComponentValue.Ok() : Closed);
    }

    private static ComponentValue Flush(HostCall call, ReadOnlySpan<ComponentValue> arguments) => ComponentValue.Ok();

    private static ComponentValue Splice(HostCall call, ReadOnlySpan<ComponentValue> arguments)
    {
        var most = (int)Math.Min(arguments[2].Natural(), MostAtOnce);
        return Guard(arguments[0].Open(WasiResources.Output), (Input: arguments[1].Open(WasiResources.Input), Most: most), static (output, from) =>
            from.Input.Read(from.Most) is { } bytes && output.Write(bytes.Span) ? ComponentValue.Ok(Values.Of((ulong)bytes.Length)) : Closed);
    }

    private static ComponentValue Guard<TStream, TState>(TStream stream, TState state, Func<TStream, TState, ComponentValue> body)
    {
        try
        {
            return body(stream, state);
        }
        catch (FileFaultException fault)
        {
            var error = Values.Give(WasiResources.Error, new WasiError(fault.Message, fault.Fault));
            return ComponentValue.Error(new ComponentValue.Choice(0, error));
        }
    }
}
