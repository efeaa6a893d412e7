using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>What every part of a payload has: members that this version does not know are kept and written back, so that old and new can be mixed.</summary>
public abstract record KeepsUnknown
{
    /// <summary>The members that have no property here.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}
