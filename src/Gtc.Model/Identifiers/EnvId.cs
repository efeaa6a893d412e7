using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The id of an environment: 1 to 63 characters of <c>[A-Za-z0-9._-]</c>, not starting with a dot (environment-model.md §1.2, store.md §2.2).</summary>
/// <remarks>It becomes a folder name, so ids that could leave the store root do not exist as values.</remarks>
[JsonConverter(typeof(TextValueJson<EnvId>))]
public readonly record struct EnvId : ITextValue<EnvId>, IComparable<EnvId>
{
    /// <summary>The most characters an id may have: a DNS label, since namespaces are derived from it.</summary>
    public const int MaxLength = 63;

    private readonly string? _text;

    private EnvId(string text) => _text = text;

    /// <summary>The environment of the machine at hand.</summary>
    public static EnvId Local { get; } = new("local");

    /// <inheritdoc/>
    public static string Expectation => "an environment id of 1 to 63 characters [A-Za-z0-9._-] that does not start with a dot";

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out EnvId value)
    {
        value = default;
        if (text is null || text.Length is 0 or > MaxLength || text[0] == '.')
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        value = new(text);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(EnvId other) => string.CompareOrdinal(_text, other._text);

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator <(EnvId left, EnvId right) => left.CompareTo(right) < 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator >(EnvId left, EnvId right) => left.CompareTo(right) > 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator <=(EnvId left, EnvId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator >=(EnvId left, EnvId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("An empty environment id has no text.");
}
