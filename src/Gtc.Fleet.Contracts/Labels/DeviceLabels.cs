using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Gtc.Fleet.Contracts;

/// <summary>What a device's own labels become on its resource.</summary>
public sealed record DeviceLabels
{
    /// <summary>The annotation that keeps the labels as the device wrote them, when they had to be changed.</summary>
    public const string RawAnnotation = "fleet.nationtech.io/raw-labels";

    private const int KeptLength = 54;
    private static readonly string[] Reserved = ["kubernetes.io", "k8s.io", "fleet.nationtech.io"];

    private DeviceLabels()
    {
    }

    /// <summary>Labels that Kubernetes takes.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>Keys that no label was made of, because their prefix is reserved or nothing of them is left; worth a warning.</summary>
    public required ImmutableArray<string> Dropped { get; init; }

    /// <summary>The labels as they were, as canonical JSON; null when nothing was changed.</summary>
    public required string? RawJson { get; init; }

    /// <summary>
    /// Turns any labels into labels that Kubernetes takes (fleet.md §5.1). The same labels always give the same result, the result gives itself, and
    /// nothing is refused as a whole.
    /// </summary>
    public static DeviceLabels Sanitize(IReadOnlyDictionary<string, string> raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var dropped = ImmutableArray.CreateBuilder<string>();
        foreach (var key in raw.Keys.Order(StringComparer.Ordinal))
        {
            if (SanitizeKey(key) is { } clean)
            {
                labels.Add(Free(clean, key, labels), SanitizeValue(raw[key]));
            }
            else
            {
                dropped.Add(key);
            }
        }

        var isSame = labels.Count == raw.Count && labels.All(label => raw.TryGetValue(label.Key, out var value) && value == label.Value);
        return new DeviceLabels { Labels = labels.ToImmutable(), Dropped = dropped.ToImmutable(), RawJson = isSame ? null : Json(raw) };
    }

    /// <summary>A label's value of any text; empty when nothing of it is left.</summary>
    public static string SanitizeValue(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var text = new StringBuilder(raw.Length);
        foreach (var rune in raw.EnumerateRunes())
        {
            text.Append(rune.IsAscii && LabelSyntax.IsLegal((char)rune.Value) ? (char)rune.Value : '-');
        }

        var value = Trim(text.ToString());
        return value.Length <= LabelSyntax.MaxName ? value : Trim(WithHash(value, raw));
    }

    /// <summary>A label's key of any text; null when its prefix is reserved or nothing of its name is left.</summary>
    public static string? SanitizeKey(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var slash = raw.IndexOf('/', StringComparison.Ordinal);
        var prefix = slash < 0 ? "" : SanitizePrefix(raw[..slash]);
        var name = SanitizeValue(raw[(slash + 1)..]);
        if (name.Length == 0 || Reserved.Any(reserved => prefix == reserved || prefix.EndsWith($".{reserved}", StringComparison.Ordinal)))
        {
            return null;
        }

        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static string SanitizePrefix(string raw)
    {
        var text = new StringBuilder(raw.Length);
        foreach (var rune in raw.EnumerateRunes())
        {
            var lower = rune.IsAscii ? char.ToLowerInvariant((char)rune.Value) : '-';
            text.Append(LabelSyntax.IsLowerOrDigit(lower) || lower == '.' ? lower : '-');
        }

        var prefix = text.ToString();
        return LabelSyntax.IsSubdomain(prefix) ? prefix : "";
    }

    /// <summary>A key that no other label has: the second of two that became the same carries a hash of what it was.</summary>
    private static string Free(string key, string raw, ImmutableSortedDictionary<string, string>.Builder taken)
    {
        var prefix = key[..(key.IndexOf('/', StringComparison.Ordinal) + 1)];
        for (var salt = raw; taken.ContainsKey(key); salt += "\0")
        {
            key = prefix + WithHash(key[prefix.Length..], salt);
        }

        return key;
    }

    private static string WithHash(string text, string raw) =>
        $"{text[..Math.Min(text.Length, KeptLength)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(raw)).AsSpan(0, 4))}";

    private static string Trim(string text)
    {
        var start = 0;
        while (start < text.Length && !char.IsAsciiLetterOrDigit(text[start]))
        {
            start++;
        }

        var end = text.Length;
        while (end > start && !char.IsAsciiLetterOrDigit(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static string Json(IReadOnlyDictionary<string, string> raw)
    {
        var writer = new CanonicalWriter();
        writer.Open('{');
        foreach (var (key, value) in raw.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            writer.Name(key);
            writer.Text(value);
        }

        writer.Close('}');
        return Encoding.UTF8.GetString(writer.ToArray());
    }
}
