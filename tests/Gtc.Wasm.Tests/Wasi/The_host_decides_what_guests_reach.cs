using System.Text;
using Gtc.Wasm.Components;
using Gtc.Wasm.Wasi;

namespace Gtc.Wasm.Tests.Wasi;

public sealed class The_host_decides_what_guests_reach
{
    private const string Types = "wasi:http/types#";

    [Fact]
    public void Requests_are_refused_without_a_policy()
    {
        using var system = new Guest(WasiGrants.None);
        var refused = system.Call(WasiHttp.Handlers, "wasi:http/outgoing-handler#handle", Request(system), ComponentValue.None);
        refused.ShouldBe(ComponentValue.Error(new ComponentValue.Choice(15, null)));
    }

    [Fact]
    public void A_policy_answers_and_the_guest_waits_for_it()
    {
        var gate = new TaskCompletionSource<WasiHttpAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        WasiHttpRequest? seen = null;
        using var system = new Guest(WasiGrants.None with
        {
            Http = (request, _) =>
            {
                seen = request;
                return gate.Task;
            },
        });
        var future = Payload(system.Call(WasiHttp.Handlers, "wasi:http/outgoing-handler#handle", Request(system), ComponentValue.None));
        system.Call(WasiHttp.Handlers, $"{Types}[method]future-incoming-response.get", future).ShouldBe(ComponentValue.None);
        seen!.Authority.ShouldBe("example.org");
        seen.Method.ShouldBe("POST");
        Encoding.ASCII.GetString(seen.Headers.Single(header => header.Key == "x-a").Value.Span).ShouldBe("1");
        gate.SetResult(new WasiHttpAnswer.Response(201, [], "done"u8.ToArray()));

        var pollable = system.Call(WasiHttp.Handlers, $"{Types}[method]future-incoming-response.subscribe", future)!;
        system.Call(WasiIo.Handlers, "wasi:io/poll#poll", ComponentValue.Of(pollable)).ShouldBe(ComponentValue.Of(new ComponentValue.Natural(0)));
        var response = Payload(Payload(Payload(system.Call(WasiHttp.Handlers, $"{Types}[method]future-incoming-response.get", future))));
        system.Call(WasiHttp.Handlers, $"{Types}[method]incoming-response.status", response).ShouldBe(new ComponentValue.Natural(201));
        var body = Payload(system.Call(WasiHttp.Handlers, $"{Types}[method]incoming-response.consume", response));
        var stream = Payload(system.Call(WasiHttp.Handlers, $"{Types}[method]incoming-body.stream", body));
        system.Call(WasiIo.Handlers, "wasi:io/streams#[method]input-stream.blocking-read", stream, new ComponentValue.Natural(100))
            .ShouldBe(ComponentValue.Ok(new ComponentValue.Bytes("done"u8.ToArray())));
        system.Call(WasiIo.Handlers, "wasi:io/streams#[method]input-stream.blocking-read", stream, new ComponentValue.Natural(100))
            .ShouldBe(ComponentValue.Error(new ComponentValue.Choice(1, null)));
    }

    [Theory]
    [InlineData("host", 1)]
    [InlineData("Transfer-Encoding", 1)]
    [InlineData("two words", 0)]
    [InlineData("", 0)]
    public void Header_fields_that_would_change_the_message_are_refused(string name, int fault) =>
        new HttpFields().Append(name, default).ShouldBe((HeaderFault)fault);

    [Fact]
    public void Header_values_cannot_begin_a_new_line() => new HttpFields().Append("a", "x\r\nb: c"u8.ToArray()).ShouldBe(HeaderFault.InvalidSyntax);

    [Fact]
    public void Sockets_are_refused()
    {
        var type = new WitFunctionType([], [], WitType.ResultOf(null, WitType.EnumOf("unknown", "access-denied")));
        using var system = new Guest(WasiGrants.None);
        var handler = WasiSockets.Otherwise("wasi:sockets/tcp-create-socket@0.2.6")!("create-tcp-socket", type);
        handler(system.HostCall, []).ShouldBe(ComponentValue.Error(new ComponentValue.Number(1)));
    }

    [Fact]
    public void A_guest_that_floods_its_output_is_stopped()
    {
        var written = 0;
        using var system = new Guest(WasiGrants.None with { OutputBytes = 10, Output = bytes => written += bytes.Length });
        var output = system.Call(WasiCli.Handlers, "wasi:cli/stdout#get-stdout")!;
        const string Write = "wasi:io/streams#[method]output-stream.blocking-write-and-flush";
        system.Call(WasiIo.Handlers, Write, output, new ComponentValue.Bytes(new byte[10])).ShouldBe(ComponentValue.Ok());
        var trap = Should.Throw<WasmTrapException>(() => system.Call(WasiIo.Handlers, Write, output, new ComponentValue.Bytes(new byte[1])));
        trap.Trap.Kind.ShouldBe(TrapKind.ResourceExhausted);
        written.ShouldBe(10);
    }

    [Fact]
    public void An_alarm_ends_a_wait()
    {
        using var system = new Guest(WasiGrants.None);
        var alarm = system.Call(WasiClocks.Handlers, "wasi:clocks/monotonic-clock#subscribe-duration", new ComponentValue.Natural(2_000_000))!;
        system.Call(WasiIo.Handlers, "wasi:io/poll#[method]pollable.block", alarm).ShouldBeNull();
        system.Call(WasiIo.Handlers, "wasi:io/poll#[method]pollable.ready", alarm).ShouldBe(new ComponentValue.Truth(true));
    }

    private static ComponentValue Request(Guest system)
    {
        var fields = system.Call(WasiHttp.Handlers, $"{Types}[constructor]fields")!;
        system.Call(WasiHttp.Handlers, $"{Types}[method]fields.append", fields, new ComponentValue.Text("x-a"), new ComponentValue.Bytes("1"u8.ToArray()))
            .ShouldBe(ComponentValue.Ok());
        var request = system.Call(WasiHttp.Handlers, $"{Types}[constructor]outgoing-request", fields)!;
        system.Call(WasiHttp.Handlers, $"{Types}[method]outgoing-request.set-method", request, new ComponentValue.Choice(2, null));
        system.Call(WasiHttp.Handlers, $"{Types}[method]outgoing-request.set-authority", request, ComponentValue.Some(new ComponentValue.Text("example.org")));
        return request;
    }

    private static ComponentValue Payload(ComponentValue? value) => value.ShouldBeOfType<ComponentValue.Choice>().Payload!;

    /// <summary>A guest as host functions see it, without code of its own.</summary>
    private sealed class Guest : IDisposable
    {
        private readonly WasiContext _context;
        private readonly ComponentStore _store;

        public Guest(WasiGrants grants)
        {
            _context = new WasiContext(grants, TimeProvider.System, bytes => bytes.Fill(1));
            _store = new ComponentStore(new ComponentOptions { Time = TimeProvider.System, State = [_context] });
        }

        public HostCall HostCall => new(new AbiCall(_store.Outside, StringEncoding.Utf8, null));

        public ComponentValue? Call(Dictionary<string, HostHandler> handlers, string name, params ReadOnlySpan<ComponentValue> arguments) =>
            handlers[name](HostCall, arguments);

        public void Dispose()
        {
            _store.Dispose();
            _context.Dispose();
        }
    }
}
