using System.Text;
using System.Text.Json;

namespace Gtc.Fleet.Contracts;

/// <summary>How reading a state ended.</summary>
public enum StateOutcome
{
    /// <summary>It was read.</summary>
    Ok,

    /// <summary>It is no state of a deployment.</summary>
    Malformed,

    /// <summary>It names another device or deployment than its key.</summary>
    KeyMismatch,
}

/// <summary>What counters need to know of a state. It points into the payload and must not outlive it.</summary>
public readonly ref struct StateFacts
{
    /// <summary>How far the deployment is.</summary>
    public DeploymentPhase Phase { get; init; }

    /// <summary>The score's hash as UTF-8; empty when the device did not say.</summary>
    public ReadOnlySpan<byte> ScoreHash { get; init; }

    /// <summary>Whether there is an error.</summary>
    public bool HasError { get; init; }

    /// <summary>The error as it stands in the JSON, to be kept and made a text by <see cref="StateReader.Unescape"/> only when somebody asks.</summary>
    public ReadOnlySpan<byte> EscapedError { get; init; }

    /// <summary>When the phase began by the device's clock, as it stands in the JSON; empty when the device did not say.</summary>
    public ReadOnlySpan<byte> EventAt { get; init; }

    /// <summary>The error, at most 512 characters; null when there is none. This is the only member that makes a string.</summary>
    public string? LastError() => HasError ? StateReader.Unescape(EscapedError) : null;
}

/// <summary>
/// Reads phase, score hash, error and its time out of a <see cref="DeploymentState"/> and nothing else. Makes nothing: at ten thousand states a second, strings and
/// records would be most of an operator's work.
/// </summary>
public static class StateReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = FleetBounds.MaxDepth };

    /// <summary>Reads a state.</summary>
    /// <param name="json">The value.</param>
    /// <param name="device">The device that its key names.</param>
    /// <param name="deployment">The deployment that its key names.</param>
    /// <param name="facts">What it says.</param>
    public static StateOutcome Read(ReadOnlySpan<byte> json, ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, out StateFacts facts)
    {
        facts = default;
        if (json.Length > FleetBounds.MaxValueBytes)
        {
            return StateOutcome.Malformed;
        }

        try
        {
            return ReadObject(new Utf8JsonReader(json, Options), device, deployment, out facts);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape that is half a character, in a text that had to be compared.
            return StateOutcome.Malformed;
        }
    }

    private static StateOutcome ReadObject(Utf8JsonReader reader, ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, out StateFacts facts)
    {
        facts = default;
        DeploymentPhase? phase = null;
        ReadOnlySpan<byte> hash = default, error = default, at = default;
        bool? isDevice = null, isDeployment = null;
        bool hasHash = false, hasError = false, sawHash = false, sawError = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return StateOutcome.Malformed;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Each known member at most once: with two, the record and this reader could believe different ones.
            var isSane = true;
            if (reader.ValueTextEquals("phase"u8))
            {
                isSane = phase is null && NextText(ref reader);
                phase = isSane ? PhaseOf(ref reader) : null;
            }
            else if (reader.ValueTextEquals("score_hash"u8))
            {
                isSane = !sawHash && NextTextOrNull(ref reader, out hasHash) && !reader.ValueIsEscaped;
                hash = isSane && hasHash ? reader.ValueSpan : default;
                sawHash = true;
            }
            else if (reader.ValueTextEquals("last_error"u8))
            {
                isSane = !sawError && NextTextOrNull(ref reader, out hasError);
                error = isSane && hasError ? reader.ValueSpan : default;
                sawError = true;
            }
            else if (reader.ValueTextEquals("device_id"u8))
            {
                isSane = isDevice is null && NextText(ref reader);
                isDevice = isSane && reader.ValueTextEquals(device);
            }
            else if (reader.ValueTextEquals("deployment"u8))
            {
                isSane = isDeployment is null && NextText(ref reader);
                isDeployment = isSane && reader.ValueTextEquals(deployment);
            }
            else if (reader.ValueTextEquals("last_event_at"u8))
            {
                at = NextText(ref reader) && !reader.ValueIsEscaped ? reader.ValueSpan : default;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }

            if (!isSane)
            {
                return StateOutcome.Malformed;
            }
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || phase is null || isDevice is null || isDeployment is null)
        {
            return StateOutcome.Malformed;
        }

        facts = new StateFacts { Phase = phase.Value, ScoreHash = hash, HasError = hasError, EscapedError = error, EventAt = at };
        return isDevice.Value && isDeployment.Value ? StateOutcome.Ok : StateOutcome.KeyMismatch;
    }

    private static bool NextText(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String;

    private static bool NextTextOrNull(ref Utf8JsonReader reader, out bool isText)
    {
        isText = reader.Read() && reader.TokenType == JsonTokenType.String;
        return isText || reader.TokenType == JsonTokenType.Null;
    }

    private static DeploymentPhase PhaseOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("Running"u8) ? DeploymentPhase.Running
        : reader.ValueTextEquals("Failed"u8) ? DeploymentPhase.Failed
        : DeploymentPhase.Pending;

    /// <summary>The text of a JSON string's inside, at most 512 characters. One with half a character in it is shown as far as it goes.</summary>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\'))
        {
            return BoundedText.Error(Encoding.UTF8.GetString(escaped));
        }

        byte[] quoted = [(byte)'"', .. escaped, (byte)'"'];
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        var text = new char[quoted.Length];
        try
        {
            return BoundedText.Error(new string(text, 0, reader.CopyString(text)));
        }
        catch (InvalidOperationException)
        {
            return BoundedText.Error(Encoding.UTF8.GetString(escaped));
        }
    }
}
