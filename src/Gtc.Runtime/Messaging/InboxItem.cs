using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>A message that was taken in and is to be answered.</summary>
internal sealed record InboxItem
{
    // As long as a pin's may be.
    private const int MaxChatBytes = PinKey.MaxBytes;

    /// <summary>Its number, which no other message of its inbox has.</summary>
    public required long Id { get; init; }

    /// <summary>What the same message would have, should it come again; null when that cannot be known.</summary>
    public string? Key { get; init; }

    public required DeploymentId Deployment { get; init; }

    /// <summary>The revision that took it in, and answers as long as it is there.</summary>
    public required RevisionId Revision { get; init; }

    public required string ProviderType { get; init; }

    public MessagingEndpointId? Endpoint { get; init; }

    /// <summary>What its session is pinned by, or null.</summary>
    public string? Hint { get; init; }

    /// <summary>The message.</summary>
    public required JsonElement Envelope { get; init; }

    /// <summary>What its flow answered; null before it ran, and it runs once only.</summary>
    public ImmutableArray<JsonElement>? Replies { get; init; }

    /// <summary>How many of the replies are sent, or given up.</summary>
    public int Sent { get; init; }

    /// <summary>When it was taken in, where several workers share what waits.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>How many workers began to answer it, and were gone before they had.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Begun { get; init; }

    /// <summary>Messages with the same lane are answered one after the other.</summary>
    [JsonIgnore]
    public string Lane => $"{Deployment}/{ProviderType}/{Bounded(Hint ?? (Envelope.TryGetProperty("session_id", out var session) ? session.ToString() : string.Empty))}";

    /// <summary>Whoever writes the message says how its chat is called: a name that is longer than any honest one is known by its digest.</summary>
    private static string Bounded(string chat) => chat.Length <= MaxChatBytes && Encoding.UTF8.GetByteCount(chat) <= MaxChatBytes
        ? chat
        : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(chat)))}";
}

/// <summary>A line of the inbox's file: exactly one member is there.</summary>
internal sealed record InboxRecord
{
    /// <summary>A message came in, or is written again as it stands.</summary>
    public InboxItem? Item { get; init; }

    /// <summary>A message got further.</summary>
    public InboxProgress? Progress { get; init; }

    /// <summary>A message is about to be answered, or was left in order.</summary>
    public InboxBeginning? Beginning { get; init; }

    /// <summary>A message that was answered long ago.</summary>
    public string? Seen { get; init; }
}

/// <summary>How far a message got.</summary>
/// <param name="Id">The message.</param>
/// <param name="Replies">What its flow answered, when that is what happened.</param>
/// <param name="Sent">How many of the replies are sent.</param>
/// <param name="IsDone">Whether nothing is left to do.</param>
internal sealed record InboxProgress(long Id, ImmutableArray<JsonElement>? Replies, int Sent, bool IsDone);

/// <summary>How many processes began a message so far.</summary>
/// <param name="Id">The message.</param>
/// <param name="Begun">As <see cref="InboxItem.Begun"/>.</param>
internal sealed record InboxBeginning(long Id, int Begun);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 160)]
[JsonSerializable(typeof(InboxRecord))]
[JsonSerializable(typeof(InboxItem))]
internal sealed partial class InboxJson : JsonSerializerContext;
