using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Model;

/// <summary>Reads and writes environment documents. Members that are not known are kept, see <see cref="KeepsUnknownMembers"/>.</summary>
public static class Documents
{
    /// <summary>The most bytes that a document may have: 64 MiB.</summary>
    public const int MaxBytes = 64 << 20;

    private static readonly DocumentJson Pretty = new(new JsonSerializerOptions(DocumentJson.Default.Options)
    {
        // Files are read by people; they hold no HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private static readonly DocumentJson Compact = new(new JsonSerializerOptions(Pretty.Options) { WriteIndented = false });

    /// <summary>environment.json.</summary>
    public static DocumentKind<EnvironmentDocument> Environment { get; } = new("environment.json", Pretty.EnvironmentDocument, Compact.EnvironmentDocument, NullItems.Find);

    /// <summary>runtime.json.</summary>
    public static DocumentKind<EnvironmentRuntime> EnvironmentRuntime { get; } = new("runtime.json", Pretty.EnvironmentRuntime, Compact.EnvironmentRuntime);

    /// <summary>runtime-config.json.</summary>
    public static DocumentKind<RuntimeConfig> RuntimeConfig { get; } = new("runtime-config.json", Pretty.RuntimeConfig, Compact.RuntimeConfig, NullItems.Find);

    /// <summary>A split, as it is stashed inline.</summary>
    public static DocumentKind<TrafficSplit> TrafficSplit { get; } = new("traffic split", Pretty.TrafficSplit, Compact.TrafficSplit, NullItems.Find);

    /// <summary>An env-pack binding, as it is stashed inline.</summary>
    public static DocumentKind<EnvPackBinding> EnvPackBinding { get; } = new("env-pack binding", Pretty.EnvPackBinding, Compact.EnvPackBinding);

    /// <summary>An extension binding, as it is stashed inline.</summary>
    public static DocumentKind<ExtensionBinding> ExtensionBinding { get; } = new("extension binding", Pretty.ExtensionBinding, Compact.ExtensionBinding);

    /// <summary>update-channel.json.</summary>
    public static DocumentKind<UpdateChannelConfig> UpdateChannel { get; } = new("update-channel.json", Pretty.UpdateChannelConfig, Compact.UpdateChannelConfig);

    /// <summary>A line of audit/events.jsonl.</summary>
    public static DocumentKind<AuditEvent> AuditEvent { get; } = new("audit event", Pretty.AuditEvent, Compact.AuditEvent);

    /// <summary>A line of usage/.</summary>
    public static DocumentKind<UsageRow> UsageRow { get; } = new("line of usage", Pretty.UsageRow, Compact.UsageRow);
}

/// <summary>One kind of document.</summary>
/// <typeparam name="T">Its record.</typeparam>
public sealed class DocumentKind<T>
    where T : class
{
    private readonly JsonTypeInfo<T> _pretty;
    private readonly JsonTypeInfo<T> _compact;
    private readonly Func<T, string?>? _findNull;

    internal DocumentKind(string name, JsonTypeInfo<T> pretty, JsonTypeInfo<T> compact, Func<T, string?>? findNull = null)
    {
        _findNull = findNull;
        Name = name;
        _pretty = pretty;
        _compact = compact;
    }

    /// <summary>What it is called in errors.</summary>
    public string Name { get; }

    /// <summary>The bytes as a file: two-space indent, trailing newline, UTF-8 without a byte order mark.</summary>
    public byte[] ToFile(T document)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(document, _pretty);
        Array.Resize(ref text, text.Length + 1);
        text[^1] = (byte)'\n';
        return text;
    }

    /// <summary>The bytes as one line without a newline.</summary>
    public byte[] ToLine(T document) => JsonSerializer.SerializeToUtf8Bytes(document, _compact);

    /// <summary>The document as a JSON value, for an envelope.</summary>
    public JsonElement ToElement(T document) => JsonSerializer.SerializeToElement(document, _compact);

    /// <summary>Parses a document; a refusal says what is wrong and where.</summary>
    public Outcome<T> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
        {
            return new Refusal.StoreFailed($"{Name} has {utf8.Length:N0} bytes, the most is {MaxLength:N0}");
        }

        if (!JsonText.IsText(utf8))
        {
            return new Refusal.StoreFailed($"{Name} cannot be read: it holds text that is not valid UTF-8");
        }

        try
        {
            if (JsonSerializer.Deserialize(utf8, _pretty) is not { } document)
            {
                return new Refusal.StoreFailed($"{Name} is null, an object was expected");
            }

            return _findNull?.Invoke(document) is { } member
                ? new Refusal.StoreFailed($"{Name} cannot be read: {member} holds null")
                : document;
        }
        catch (JsonException error)
        {
            return new Refusal.StoreFailed($"{Name} cannot be read: {OneLine(error)}");
        }
    }

    private const int MaxLength = Documents.MaxBytes;

    private static string OneLine(JsonException error)
    {
        var text = new StringBuilder(error.Message.ReplaceLineEndings(" "));
        if (error.Path is { } path && !error.Message.Contains(path, StringComparison.Ordinal))
        {
            text.Append(" at ").Append(path);
        }

        return text.ToString();
    }
}
