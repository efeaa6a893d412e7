using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The kind of an env-pack, <c>path@semver</c>, e.g. <c>greentic.deployer.k8s@1.0.0</c> (environment-model.md §1.3). The path alone is the identity.</summary>
[JsonConverter(typeof(TextValueJson<PackDescriptor>))]
public readonly record struct PackDescriptor : ITextValue<PackDescriptor>
{
    private readonly string? _text;

    private PackDescriptor(string text) => _text = text;

    /// <inheritdoc/>
    public static string Expectation => "a pack descriptor path@version, e.g. greentic.deployer.k8s@1.0.0";

    /// <summary>The part before the <c>@</c>.</summary>
    public string Path => ToString()[..ToString().IndexOf('@', StringComparison.Ordinal)];

    /// <summary>The part after the <c>@</c>, a SemVer 2.0 version.</summary>
    public string Version => ToString()[(ToString().IndexOf('@', StringComparison.Ordinal) + 1)..];

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out PackDescriptor value) => Parse(text, out value) is null;

    /// <summary>Parses and names the broken rule.</summary>
    /// <returns>Null on success, else <c>MissingVersion</c>, <c>EmptyPath</c>, <c>PathMissingDot</c>, <c>InvalidPathChar</c> or <c>InvalidSemver</c>, checked in this order.</returns>
    public static string? Parse(string? text, out PackDescriptor value)
    {
        value = default;
        var at = text?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        if (text is null || at < 0)
        {
            return "MissingVersion";
        }

        var path = text.AsSpan(0, at);
        if (path.IsEmpty)
        {
            return "EmptyPath";
        }

        if (!path.Contains('.'))
        {
            return "PathMissingDot";
        }

        foreach (var character in path)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character is not ('-' or '.'))
            {
                return "InvalidPathChar";
            }
        }

        if (!SemanticVersion.IsValid(text.AsSpan(at + 1)))
        {
            return "InvalidSemver";
        }

        value = new(text);
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("An empty pack descriptor has no text.");
}
