using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:cli</c>.</summary>
internal static class WasiCli
{
    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:cli/environment#get-environment"] = (call, _) => Values.Of(
            call.Get<WasiContext>().Grants.Environment.Select(variable => ComponentValue.Of(Values.Of(variable.Key), Values.Of(variable.Value)))),
        ["wasi:cli/environment#get-arguments"] = (call, _) => Values.Of(call.Get<WasiContext>().Grants.Arguments.Select(Values.Of)),
        ["wasi:cli/environment#initial-cwd"] = (_, _) => ComponentValue.None,
        ["wasi:cli/exit#exit"] = (_, arguments) => throw WasiExitException.Trap((uint)arguments[0].Choice().Index),
        ["wasi:cli/exit#exit-with-code"] = (_, arguments) => throw WasiExitException.Trap((uint)arguments[0].Natural()),
        ["wasi:cli/stdin#get-stdin"] = (call, _) => Values.Give(WasiResources.Input, new BytesInput(call.Get<WasiContext>().Grants.Input)),
        ["wasi:cli/stdout#get-stdout"] = (call, _) => Sink(call.Get<WasiContext>(), call.Get<WasiContext>().Grants.Output),
        ["wasi:cli/stderr#get-stderr"] = (call, _) => Sink(call.Get<WasiContext>(), call.Get<WasiContext>().Grants.Errors),
        ["wasi:cli/terminal-stdin#get-terminal-stdin"] = (_, _) => ComponentValue.None,
        ["wasi:cli/terminal-stdout#get-terminal-stdout"] = (_, _) => ComponentValue.None,
        ["wasi:cli/terminal-stderr#get-terminal-stderr"] = (_, _) => ComponentValue.None,
    };

    private static ComponentValue Sink(WasiContext context, Action<ReadOnlySpan<byte>>? sink) =>
        Values.Give(WasiResources.Output, new SinkOutput(context, sink));
}
