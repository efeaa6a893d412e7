using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary>The host objects behind the resources of WASI.</summary>
internal static class WasiResources
{
    public static HostResourceType<WasiError> Error { get; } = new("error", null);

    public static HostResourceType<Pollable> Pollable { get; } = new("pollable", pollable => pollable.Dispose());

    public static HostResourceType<WasiInput> Input { get; } = new("input-stream", null);

    public static HostResourceType<WasiOutput> Output { get; } = new("output-stream", null);

    public static HostResourceType<WasiDescriptor> Descriptor { get; } = new("descriptor", descriptor => descriptor.Dispose());

    public static HostResourceType<DirectoryEntries> Entries { get; } = new("directory-entry-stream", null);

    public static HostResourceType<object> Network { get; } = new("network", null);

    public static HostResourceType<HttpFields> Fields { get; } = new("fields", null);

    public static HostResourceType<OutgoingRequest> OutgoingRequest { get; } = new("outgoing-request", null);

    public static HostResourceType<RequestOptions> RequestOptions { get; } = new("request-options", null);

    public static HostResourceType<OutgoingBody> OutgoingBody { get; } = new("outgoing-body", null);

    public static HostResourceType<FutureResponse> FutureResponse { get; } = new("future-incoming-response", future => future.Dispose());

    public static HostResourceType<WasiHttpAnswer.Response> IncomingResponse { get; } = new("incoming-response", null);

    public static HostResourceType<IncomingBody> IncomingBody { get; } = new("incoming-body", null);

    public static HostResourceType<object> FutureTrailers { get; } = new("future-trailers", null);
}

/// <summary>Why a stream failed: a text, and for files the code that <c>filesystem-error-code</c> gives.</summary>
internal sealed record WasiError(string Text, FileFault? Fault);
