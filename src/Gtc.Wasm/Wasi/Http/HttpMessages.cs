using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary>A request while the guest makes it.</summary>
internal sealed class OutgoingRequest(HttpFields headers)
{
    public HttpFields Headers { get; } = HttpFields.Frozen(headers.Entries);

    public ComponentValue.Choice Method { get; set; } = new(0, null);

    public ComponentValue Path { get; set; } = ComponentValue.None;

    public ComponentValue Scheme { get; set; } = ComponentValue.None;

    public ComponentValue Authority { get; set; } = ComponentValue.None;

    public OutgoingBody? Body { get; set; }
}

/// <summary>Time limits that the guest sets for itself.</summary>
internal sealed class RequestOptions
{
    public ComponentValue Connect { get; set; } = ComponentValue.None;

    public ComponentValue FirstByte { get; set; } = ComponentValue.None;

    public ComponentValue BetweenBytes { get; set; } = ComponentValue.None;
}

/// <summary>A body that the guest writes; it is sent when it is finished.</summary>
internal sealed class OutgoingBody(int most)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public bool IsTaken { get; set; }

    public bool IsFinished { get; private set; }

    /// <summary>What waits for the whole body.</summary>
    public Action? Finished { get; set; }

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public bool Write(ReadOnlySpan<byte> bytes)
    {
        if (IsFinished)
        {
            return false;
        }

        if (_bytes.WrittenCount + bytes.Length > most)
        {
            throw new WasmTrapException(new WasmTrap(TrapKind.ResourceExhausted, $"the guest wrote a request body of more than {most} bytes"));
        }

        _bytes.Write(bytes);
        return true;
    }

    public void Finish()
    {
        IsFinished = true;
        Finished?.Invoke();
    }
}

internal sealed class BodyOutput(OutgoingBody body) : WasiOutput
{
    public override bool Write(ReadOnlySpan<byte> bytes) => body.Write(bytes);
}

/// <summary>The body of a response.</summary>
internal sealed class IncomingBody(ReadOnlyMemory<byte> bytes)
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public bool IsTaken { get; set; }
}

/// <summary>A response that is awaited.</summary>
internal sealed class FutureResponse(WasiContext context, WasiHttpPolicy policy) : IDisposable
{
    private readonly CancellationTokenSource _dropped = CancellationTokenSource.CreateLinkedTokenSource(context.Ending);
    private volatile WasiHttpAnswer? _answer;

    public WasiHttpAnswer? Answer => _answer;

    /// <summary>The request on its way; it never fails, its failures are answers.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    public bool IsTaken { get; set; }

    public void Start(WasiHttpRequest request) => Sending = SendAsync(request, _dropped.Token);

    public void Dispose()
    {
        _dropped.Cancel();
        _dropped.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong with a request is the guest's to know, and no reason to end the host.")]
    private async Task SendAsync(WasiHttpRequest request, CancellationToken cancellationToken)
    {
        WasiHttpAnswer answer;
        try
        {
            answer = await policy(request, cancellationToken);
            if (answer is WasiHttpAnswer.Response response && response.Body.Length > context.Grants.HttpBodyBytes)
            {
                answer = new WasiHttpAnswer.Failure("connection-limit-reached");
            }
        }
        catch (OperationCanceledException)
        {
            answer = new WasiHttpAnswer.Failure("connection-timeout");
        }
        catch (Exception)
        {
            answer = new WasiHttpAnswer.Failure("internal-error");
        }

        _answer = answer;
        context.Changed.Set();
    }
}
