using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Flow;

/// <summary>What <c>flow doctor</c> takes.</summary>
internal sealed record FlowDoctorPayload
{
    /// <summary>The pack file.</summary>
    public required string Pack { get; init; }
}

/// <summary>What <c>flow doctor</c> answers.</summary>
internal sealed record FlowChecked(string Pack, int Flows, int Errors, int Warnings, int Notes, ImmutableArray<FindingShown> Findings);

/// <summary>One finding.</summary>
internal sealed record FindingShown(string Severity, string Code, string Place, string Message, string Advice);

/// <summary>What <c>flow run</c> takes.</summary>
internal sealed record FlowRunPayload
{
    /// <summary>The pack file.</summary>
    public required string Pack { get; init; }

    /// <summary>The flow; the pack's own choice when absent.</summary>
    public string? Flow { get; init; }

    /// <summary>Messages, one after the other.</summary>
    public IReadOnlyList<string>? Text { get; init; }

    /// <summary>A message as JSON: text, or <c>@</c> and a file.</summary>
    public string? Payload { get; init; }

    /// <summary>The session of all messages.</summary>
    public string? Session { get; init; }

    /// <summary>The node to start at.</summary>
    public string? Node { get; init; }

    /// <summary>Where components may send HTTP requests to.</summary>
    public string? Egress { get; init; }

    /// <summary>More packs, for providers.</summary>
    public IReadOnlyList<string>? With { get; init; }
}

/// <summary>What <c>flow run</c> answers.</summary>
internal sealed record FlowsRan(string Pack, string Session, bool Failed, ImmutableArray<MessageRan> Messages);

/// <summary>One message and what came of it.</summary>
/// <param name="Flow">The flow that answered.</param>
/// <param name="Failed">Whether it ended in an error.</param>
/// <param name="ElapsedMs">How long it took.</param>
/// <param name="Entry">The message.</param>
/// <param name="Nodes">What ran, in the order in which it ended.</param>
/// <param name="WaitsAt">The node at which the next message goes on, or null.</param>
/// <param name="Replies">The replies.</param>
/// <param name="Log">What nodes and components wrote to the log.</param>
internal sealed record MessageRan(
    string Flow, bool Failed, double ElapsedMs, JsonElement Entry, ImmutableArray<NodeRan> Nodes, string? WaitsAt, ImmutableArray<JsonElement> Replies, ImmutableArray<string> Log);

/// <summary>One node that ran.</summary>
internal sealed record NodeRan(
    string Flow, int Depth, string Node, string Component, string? Operation, double ElapsedMs, JsonElement? Output, string? Error, string? Then, string? Target);

/// <summary>The payloads and results of <c>gtc flow</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(FlowDoctorPayload))]
[JsonSerializable(typeof(FlowChecked))]
[JsonSerializable(typeof(FlowRunPayload))]
[JsonSerializable(typeof(FlowsRan))]
[JsonSerializable(typeof(string))]
internal sealed partial class FlowJson : JsonSerializerContext;
