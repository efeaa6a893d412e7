using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Reads pack descriptors that people type (env-packs.md §2).</summary>
public static class Descriptors
{
    /// <summary>What a reference to an extension begins with (env-packs.md §4).</summary>
    public const string ExtensionScheme = "ext://";

    /// <summary>Reads <c>path@version</c>.</summary>
    /// <returns>The descriptor, or <see cref="Refusal.InvalidArgument"/> that names the broken rule, and for a wrong character the character.</returns>
    public static Outcome<PackDescriptor> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PackDescriptor.Parse(text, out var descriptor) is not { } rule
            ? descriptor
            : new Refusal.InvalidArgument($"`{text}` is no pack descriptor: {rule}{Explain(rule, text)}")
            {
                Details = [new("expected", PackDescriptor.Expectation)],
            };
    }

    /// <summary>Reads <c>ext://path[/instance]</c>.</summary>
    /// <returns>The key of the extension, or <see cref="Refusal.InvalidArgument"/>.</returns>
    public static Outcome<ExtensionKey> ReadExtension(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(ExtensionScheme, StringComparison.Ordinal))
        {
            return new Refusal.InvalidArgument($"`{text}` is no reference to an extension: it must start with {ExtensionScheme}");
        }

        var body = text[ExtensionScheme.Length..];
        var slash = body.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? body : body[..slash];
        var instance = slash < 0 ? null : body[(slash + 1)..];
        if (PackDescriptor.Parse($"{path}@0.0.0", out _) is { } rule)
        {
            return new Refusal.InvalidArgument($"`{text}` is no reference to an extension: {rule}{Explain(rule, path)}");
        }

        return instance is null || IsInstance(instance)
            ? new ExtensionKey(path, instance)
            : new Refusal.InvalidArgument($"`{text}` is no reference to an extension: {BrokenInstance(instance)}");
    }

    /// <summary>Whether a text may name an instance: <c>[a-z0-9-]+</c>.</summary>
    public static bool IsInstance(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > 0 && text.All(IsInstanceCharacter);
    }

    private static bool IsInstanceCharacter(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-';

    private static string BrokenInstance(string instance) => instance.Length == 0
        ? "EmptyInstance (a `/` and nothing behind it)"
        : $"InvalidInstanceChar `{instance.First(character => !IsInstanceCharacter(character))}` (instance `{instance}` must be [a-z0-9-]+)";

    private static string Explain(string rule, string text) => rule switch
    {
        "MissingVersion" => " (an `@` and a version are missing)",
        "EmptyPath" => " (nothing stands before the `@`)",
        "PathMissingDot" => " (the path needs at least one `.`)",
        "InvalidPathChar" => $" `{text.First(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character is not ('-' or '.'))}` (the path is [a-z0-9.-])",
        _ => " (behind the only `@` stands a full version such as 1.0.0)",
    };
}
