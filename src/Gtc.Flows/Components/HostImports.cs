using Gtc.Wasm.Components;
using Gtc.Wasm.Wasi;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>
/// Serves what components import (flows-and-components.md §4): WASI 0.2, the interfaces that only carry types, and functions that end
/// in an <see cref="IComponentHost"/>. Each function is offered in the types in which the component asks for it.
/// </summary>
public static class HostImports
{
    private const string Http = "greentic:http/http-client@1.";
    private const string HttpAlias = "greentic:http/client@1.";
    private const string Secrets = "greentic:secrets-store/secrets-store@1.";
    private const string State = "greentic:state/state-store@1.";
    private const string Telemetry = "greentic:telemetry/logger-api@1.";
    private const string Settings = "greentic:runtime-config/runtime-config@1.";
    private const string Control = "greentic:component/control@0.";

    private delegate object? Body(HostCall call, HostSeat seat, object?[] arguments);

    /// <summary>What host functions know of the running call; each instance is given its own, used by the thread that runs it.</summary>
    internal sealed record HostSeat(IComponentHost Host, ComponentCaller Caller, FlowLimits Limits, ILogger Logger)
    {
        private int _requests;
        private int _secretWrites;
        private int _lines;
        private bool _isDenied;

        /// <summary>Counts one more HTTP request; false when it is one too many.</summary>
        public bool CountRequest() => Interlocked.Increment(ref _requests) <= Limits.ComponentRequests;

        /// <summary>Counts one more secret that is written; false when it is one too many.</summary>
        public bool CountSecretWrite() => Interlocked.Increment(ref _secretWrites) <= Limits.ComponentSecretWrites;

        /// <summary>Writes to the log what the component says, as long as it does not say too much.</summary>
        public void Say(string text)
        {
            if (++_lines <= Limits.ComponentLines)
            {
                ComponentLog.Wrote(Logger, Caller.PackId, Caller.ComponentId, ComponentLog.Cut(text));
            }
        }

        /// <summary>Writes the call's first denial to the log: whoever runs the worker may want to grant it.</summary>
        public void Told(HostFault? fault)
        {
            if (fault is { Code: "denied" } && !_isDenied)
            {
                _isDenied = true;
                ComponentLog.Denied(Logger, Caller.PackId, Caller.ComponentId, fault.Message);
            }
        }
    }

    /// <summary>A linker for one component. What gtc has of its imports is defined; the rest is missing, and linking names all of it.</summary>
    /// <param name="component">The component that is to be linked.</param>
    public static ComponentLinker For(IComponent component)
    {
        ArgumentNullException.ThrowIfNull(component);
        var linker = WasiHost.AddTo(new ComponentLinker());
        foreach (var import in component.ImportItems.Where(import => import.Kind == "instance" && import.Name.StartsWith("greentic:", StringComparison.Ordinal)))
        {
            var offered = new HostInterface(import.Name);
            var isServed = import.Functions.IsEmpty;
            foreach (var (name, type) in import.Functions)
            {
                if (Find(import.Name, name) is { } body)
                {
                    isServed = true;
                    offered.Function(name, type, (call, arguments) => Call(call, type, body, arguments));
                }
            }

            if (isServed)
            {
                linker.Define(offered);
            }
        }

        return linker;
    }

    private static ComponentValue? Call(HostCall call, WitFunctionType type, Body body, ReadOnlySpan<ComponentValue> arguments)
    {
        var read = new object?[arguments.Length];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = Shape.Read(type.Parameters[i], arguments[i]);
        }

        call.ThrowIfOver();
        try
        {
            var answer = body(call, call.Get<HostSeat>(), read);
            return type.Result is { } result ? Shape.Lower(result, answer) : null;
        }
        catch (OperationCanceledException)
        {
            // What the host waited for was given up because the call is over, and that is what its caller shall hear.
            call.ThrowIfOver();
            throw;
        }
    }

    private static Body? Find(string id, string function) => (Path(id), function) switch
    {
        (Control, "should-cancel") => (call, _, _) => call.Cancellation.IsCancellationRequested,
        (Control, "yield-now") => (_, _, _) => null,
        (Http, "send") => Send,
        (Settings, "get") => (call, seat, given) => Setting(seat.Host.ReadSetting(seat.Caller, (string)given[0]!, call.Cancellation)),
        (Secrets, "put") => Put,
        (Secrets, "get") => (call, seat, given) => Secret(seat, seat.Host.ReadSecret(seat.Caller, (string)given[0]!, call.Cancellation)),
        (State, "read") => (call, seat, given) => Answer(seat.Host.ReadState(seat.Caller, (string)given[0]!, call.Cancellation)),
        (State, "write") => (call, seat, given) => Done(seat.Host.WriteState(seat.Caller, (string)given[0]!, (ReadOnlyMemory<byte>)given[1]!, call.Cancellation)),
        (State, "delete") => (call, seat, given) => Done(seat.Host.DeleteState(seat.Caller, (string)given[0]!, call.Cancellation)),
        (Telemetry, "log") => Written,
        _ => null,
    };

    private static string Path(string id) => new[] { Control, Http, Secrets, Settings, State, Telemetry }.FirstOrDefault(known => id.StartsWith(known, StringComparison.Ordinal))
        ?? (id.StartsWith(HttpAlias, StringComparison.Ordinal) ? Http : string.Empty);

    private static Shape.Case Send(HostCall call, HostSeat seat, object?[] given)
    {
        var request = given[0];
        var timeout = given.Length > 1 ? Shape.Get<ulong?>(given[1], "timeout-ms") : null;
        if (!seat.CountRequest())
        {
            return Failed(new("denied", $"a component sends at most {seat.Limits.ComponentRequests} requests in one call"));
        }

        var asked = new HostHttpRequest(
            Shape.Get<string>(request, "method") ?? string.Empty,
            Shape.Get<string>(request, "url") ?? string.Empty,
            Pairs(Shape.Get<object[]>(request, "headers")),
            Shape.Get<ReadOnlyMemory<byte>?>(request, "body"),
            timeout is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null)
        {
            AllowsInsecure = given.Length > 1 ? Shape.Get<bool?>(given[1], "allow-insecure") : null,
            FollowsRedirects = given.Length > 1 && Shape.Get<bool>(given[1], "follow-redirects"),
        };
        var answer = Waiting.For(token => seat.Host.SendAsync(seat.Caller, asked, token), call.Cancellation);
        seat.Told(answer.Fault);
        return answer.Value is { } response
            ? Shape.Ok(new Dictionary<string, object?>(StringComparer.Ordinal) { ["status"] = response.Status, ["headers"] = response.Headers, ["body"] = response.Body })
            : Failed(answer.Fault!);
    }

    private static Shape.Case Written(HostCall call, HostSeat seat, object?[] given)
    {
        if (seat.Logger.IsEnabled(LogLevel.Information))
        {
            seat.Say(string.Join(' ', Pairs(given[1] as object[]).Select(field => $"{field.Key}={field.Value}")));
        }

        return Done(null);
    }

    // The function has nothing to answer with, so whoever may not, or cannot, is stopped.
    private static Shape.Case Put(HostCall call, HostSeat seat, object?[] given)
    {
        var fault = seat.CountSecretWrite()
            ? seat.Host.WriteSecret(seat.Caller, (string)given[0]!, (ReadOnlyMemory<byte>)given[1]!, call.Cancellation)
            : new HostFault("denied", $"a component writes at most {seat.Limits.ComponentSecretWrites} secrets in one call");
        seat.Told(fault);
        return fault is null ? Shape.Ok(null) : throw new InvalidOperationException($"the secret was not written: {fault.Code}: {fault.Message}");
    }

    // Errors of this interface are an enumeration, not a record.
    private static Shape.Case Secret(HostSeat seat, HostAnswer<ReadOnlyMemory<byte>> answer)
    {
        seat.Told(answer.Fault);
        return answer.Fault is { } fault ? Shape.Error(fault.Code) : Shape.Ok(answer.Value);
    }

    private static Shape.Case Setting(HostAnswer<string?> answer) => answer.Fault is { } fault ? Shape.Error(fault.Code) : Shape.Ok(answer.Value);

    private static Shape.Case Answer(HostAnswer<ReadOnlyMemory<byte>> answer) => answer.Fault is { } fault ? Failed(fault) : Shape.Ok(answer.Value);

    private static Shape.Case Done(HostFault? fault) => fault is null ? Shape.Ok("ok") : Failed(fault);

    private static Shape.Case Failed(HostFault fault) =>
        Shape.Error(new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = fault.Code, ["message"] = fault.Message });

    private static KeyValuePair<string, string>[] Pairs(object?[]? list) =>
        [.. (list ?? []).OfType<object?[]>().Where(pair => pair is [string, string]).Select(pair => KeyValuePair.Create((string)pair[0]!, (string)pair[1]!))];
}
