using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>A document that writes back the members it did not understand, so that an older gtc never strips what a newer one stored.</summary>
public abstract record KeepsUnknownMembers
{
    /// <summary>Members that this version does not know, in document order; null when there are none.</summary>
    /// <remarks>The one settable property of the model: the JSON source generator cannot bind extension data to an init-only one.</remarks>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownMembers { get; set; }
}
