using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Artifacts.Cbor;

/// <summary>A value inside a document and the path to it, so that every refusal says where. Absent and null are the same thing.</summary>
internal readonly struct DocumentValue(JsonElement element, string path = "")
{
    public JsonElement Element { get; } = element;

    public string Path { get; } = path;

    public bool IsText => Element.ValueKind == JsonValueKind.String;

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public MalformedDocumentException Wrong(string expected)
    {
        var found = Element.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Undefined
            ? Element.ValueKind.ToString().ToLowerInvariant()
            : Shown(Element.GetRawText());
        return new($"{(Path.Length == 0 ? "the document" : Path)} must be {expected}, found {found}", Path);
    }

    public DocumentValue? Optional(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("an object");
        }

        return Element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new DocumentValue(member, Path.Length == 0 ? name : $"{Path}.{name}")
            : null;
    }

    public DocumentValue Required(string name) => Optional(name)
        ?? throw new MalformedDocumentException($"{(Path.Length == 0 ? name : $"{Path}.{name}")} is missing", Path);

    public string Text() => IsText ? Element.GetString()! : throw Wrong("text");

    public string Text(string name) => Required(name).Text();

    public string? OptionalText(string name) => Optional(name)?.Text();

    public bool Flag(string name) => Optional(name) is { } value
        && (value.Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.Element.GetBoolean() : throw value.Wrong("true or false"));

    public int Count()
        => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value) && value >= 0 ? value : throw Wrong("a whole number");

    public ImmutableArray<T> List<T>(string name, Func<DocumentValue, T> read) => Optional(name) is { } list ? list.List(read) : [];

    public ImmutableArray<T> List<T>(Func<DocumentValue, T> read)
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("a list");
        }

        var items = ImmutableArray.CreateBuilder<T>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            items.Add(read(new(item, $"{Path}[{items.Count}]")));
        }

        return items.MoveToImmutable();
    }

    public ImmutableArray<string> Texts(string name) => List(name, value => value.Text());

    public IEnumerable<KeyValuePair<string, DocumentValue>> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("an object");
        }

        foreach (var member in Element.EnumerateObject())
        {
            yield return new(member.Name, new(member.Value, Path.Length == 0 ? member.Name : $"{Path}.{member.Name}"));
        }
    }

    /// <summary>Refuses a member that nobody knows.</summary>
    public void Only(params ReadOnlySpan<string> known)
    {
        foreach (var (name, member) in Members())
        {
            if (!known.Contains(name))
            {
                throw new MalformedDocumentException($"{Shown(member.Path)} is not a known member", member.Path);
            }
        }
    }

    public static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
