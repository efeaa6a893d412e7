using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>How the sending of a message ended.</summary>
/// <param name="Problem">Why it was not sent, or null.</param>
/// <param name="MayPass">Whether it may be sent later.</param>
public sealed record SendOutcome(string? Problem, bool MayPass)
{
    /// <summary>It was sent.</summary>
    public static SendOutcome Sent { get; } = new(null, false);
}

/// <summary>Sends messages through a provider: plan, encode, send (messaging.md §4).</summary>
/// <param name="provider">The provider.</param>
/// <param name="context">For whom.</param>
/// <param name="config">The deployment's settings for the provider's pack, or null.</param>
public sealed class Sending(ProviderComponent provider, FlowContext context, JsonElement? config)
{
    /// <summary>Sends a message. A provider that cannot be asked at all may be askable later.</summary>
    public SendOutcome Send(JsonElement message, CancellationToken cancellationToken)
    {
        if (!Ask("render_plan", Message(message, null), cancellationToken).TryGet(out var planned, out var refusal)
            || !Ask("encode", Message(message, TemplatePath.Walk(planned, ["plan"])), cancellationToken).TryGet(out var encoded, out refusal))
        {
            return new(refusal.Message, MayPass: refusal is not Refusal.InvalidArgument);
        }

        if (TemplatePath.Walk(encoded, ["payload"]) is not { ValueKind: JsonValueKind.Object } payload)
        {
            return new("encode answered no payload", MayPass: false);
        }

        if (!Configured(payload).TryGet(out var configured, out refusal))
        {
            return new(refusal.Message, MayPass: false);
        }

        var input = JsonText.Build(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteString("provider_type", provider.Declared.Type);
            json.WritePropertyName("payload");
            configured.WriteTo(json);
            json.WriteStartObject("tenant");
            json.WriteString("env", context.EnvironmentId);
            json.WriteString("tenant", context.Tenant);
            json.WriteString("tenant_id", context.Tenant);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        if (!provider.Invoke("send_payload", input, context, cancellationToken).TryGet(out var sent, out refusal))
        {
            return new(refusal.Message, MayPass: refusal is not Refusal.InvalidArgument);
        }

        return IsOk(sent) ? SendOutcome.Sent : new(Reason("send_payload", sent), TemplatePath.Walk(sent, ["retryable"]) is { ValueKind: JsonValueKind.True });
    }

    /// <summary>The payload with the settings inside its body, where providers look for them.</summary>
    private Outcome<JsonElement> Configured(JsonElement payload)
    {
        if (config is not { } settings)
        {
            return payload;
        }

        if (!payload.TryGetProperty("body_b64", out var text) || text.ValueKind != JsonValueKind.String || !text.TryGetBytesFromBase64(out var bytes))
        {
            return new Refusal.MalformedArtifact("encode answered no body_b64 in base64");
        }

        return BoundedJson.Parse(bytes, "the encoded body", InboundActivity.MaxBodyBytes, allowDuplicates: true).Then<JsonElement>(body => body.ValueKind != JsonValueKind.Object
            ? new Refusal.MalformedArtifact("the encoded body is no JSON object, which the deployment's settings could be put into")
            : JsonText.Build(json =>
            {
                json.WriteStartObject();
                Others(json, payload, "body_b64");
                json.WriteBase64String("body_b64", JsonText.Write(inner =>
                {
                    inner.WriteStartObject();
                    Others(inner, body, "config");
                    inner.WritePropertyName("config");
                    settings.WriteTo(inner);
                    inner.WriteEndObject();
                }).WrittenSpan);
                json.WriteEndObject();
            }));
    }

    private Outcome<JsonElement> Ask(string operation, JsonElement input, CancellationToken cancellationToken) =>
        provider.Invoke(operation, input, context, cancellationToken).Then<JsonElement>(answer => IsOk(answer) ? answer : new Refusal.InvalidArgument(Reason(operation, answer)));

    private static JsonElement Message(JsonElement message, JsonElement? plan) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WritePropertyName("message");
        message.WriteTo(json);
        if (plan is { } made)
        {
            json.WritePropertyName("plan");
            made.WriteTo(json);
        }

        json.WriteEndObject();
    });

    private static void Others(Utf8JsonWriter json, JsonElement record, string except)
    {
        foreach (var member in record.EnumerateObject().Where(member => member.Name != except))
        {
            member.WriteTo(json);
        }
    }

    private static bool IsOk(JsonElement answer) => TemplatePath.Walk(answer, ["ok"]) is { ValueKind: JsonValueKind.True };

    private static string Reason(string operation, JsonElement answer) =>
        FlowJump.Text(answer, "message") ?? FlowJump.Text(answer, "error") ?? $"{operation} answered neither ok nor a reason";
}
