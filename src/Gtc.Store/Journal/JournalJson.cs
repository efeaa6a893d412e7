using System.Text.Json.Serialization;

namespace Gtc.Store;

/// <summary>Answers of the store's own verbs, as they are kept for retries.</summary>
[JsonSerializable(typeof(ulong))]
internal sealed partial class JournalJson : JsonSerializerContext;
