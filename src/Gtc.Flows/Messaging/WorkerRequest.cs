using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>A request of <c>POST /workers/invoke</c> (worker-runtime.md §5.3). Members that are not known are ignored.</summary>
public sealed record WorkerRequest
{
    private const string UsualVersion = "1.0.0";

    private static readonly JsonElement Null = JsonElement.Parse("null"u8);

    /// <summary>The version that the reply carries.</summary>
    public required string Version { get; init; }

    /// <summary>The tenant's context as written; it is echoed.</summary>
    public required JsonElement TenantContext { get; init; }

    /// <summary>Whose deployment shall answer.</summary>
    public required string Tenant { get; init; }

    /// <summary>What the flow gets.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary>Echoed, or null.</summary>
    public string? WorkerId { get; init; }

    /// <summary>Echoed, or null.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Echoed; the session as well, unless the tenant's context names another. Null for none.</summary>
    public string? SessionId { get; init; }

    /// <summary>Echoed; the conversation as well. Null for none.</summary>
    public string? ThreadId { get; init; }

    /// <summary>What the flow answers. Only a trusted caller's request may become one.</summary>
    public InboundActivity Activity => new()
    {
        Payload = Wrapped(Payload),
        FlowType = "messaging",
        SessionId = Session,
        UserId = Text(TenantContext, "user_id") ?? Text(TenantContext, "user"),
        ConversationId = ThreadId,
    };

    /// <summary>The session that the request belongs to, or null.</summary>
    public string? Session => SessionId ?? Text(TenantContext, "session_id");

    /// <summary>Reads a body of at most <see cref="InboundActivity.MaxBodyBytes"/>.</summary>
    /// <returns>The request, or <see cref="Refusal.InvalidArgument"/> whose message is the answer's text.</returns>
    public static Outcome<WorkerRequest> Read(ReadOnlySpan<byte> body)
    {
        if (!BoundedJson.Parse(body, "it", InboundActivity.MaxBodyBytes, allowDuplicates: true).TryGet(out var request, out var refusal))
        {
            return Invalid(refusal.Message);
        }

        if (request.ValueKind != JsonValueKind.Object)
        {
            return Invalid($"an object was expected, {Kind(request)} was found");
        }

        foreach (var name in (string[])["version", "worker_id", "correlation_id", "session_id", "thread_id"])
        {
            if (request.TryGetProperty(name, out var member) && member.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                return Invalid($"`{name}` must be a text, {Kind(member)} was found");
            }
        }

        if (!request.TryGetProperty("tenant", out var context) || context.ValueKind != JsonValueKind.Object || Text(context, "tenant") is not { } tenant)
        {
            return Invalid("`tenant` must be an object with a text `tenant`");
        }

        return new WorkerRequest
        {
            Version = Text(request, "version") ?? UsualVersion,
            TenantContext = context,
            Tenant = tenant,
            Payload = request.TryGetProperty("payload", out var payload) ? payload : Null,
            WorkerId = Text(request, "worker_id"),
            CorrelationId = Text(request, "correlation_id"),
            SessionId = Text(request, "session_id"),
            ThreadId = Text(request, "thread_id"),
        };
    }

    /// <summary>What a card submits is an object without a text: flows look for it in <c>metadata</c>.</summary>
    private static JsonElement Wrapped(JsonElement payload) =>
        payload.ValueKind != JsonValueKind.Object || Text(payload, "text") is not null || !payload.EnumerateObject().MoveNext()
            ? payload
            : JsonText.Build(json =>
            {
                json.WriteStartObject();
                json.WritePropertyName("metadata");
                payload.WriteTo(json);
                json.WriteEndObject();
            });

    private static string? Text(JsonElement value, string name) => FlowJump.Text(value, name);

    private static Refusal.InvalidArgument Invalid(string reason) => new($"invalid HostWorkerRequest body: {reason}");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };
}
