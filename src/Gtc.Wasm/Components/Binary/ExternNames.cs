namespace Gtc.Wasm.Components;

/// <summary>The grammar of names (Explainer.md, import and export definitions), as far as it keeps names apart and readable.</summary>
internal static class ExternNames
{
    /// <summary>Words joined by hyphens, each in one case.</summary>
    public static bool IsLabel(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (var range in text.Split('-'))
        {
            var word = text[range];
            if (word.IsEmpty || (word.ContainsAnyExcept(Lower) && word.ContainsAnyExcept(Upper)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A plain name, one with an annotation such as <c>[method]r.m</c>, or the id of an interface such as <c>wasi:io/poll@0.2.0</c>.</summary>
    public static bool IsExternName(string name)
    {
        if (name.StartsWith('['))
        {
            var end = name.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && name[1..end] is "constructor" or "method" or "static" && name[(end + 1)..].Split('.') is { Length: <= 2 } parts && Array.TrueForAll(parts, part => IsLabel(part));
        }

        if (IsLabel(name))
        {
            return true;
        }

        var version = name.IndexOf('@', StringComparison.Ordinal);
        var path = version < 0 ? name : name[..version];
        return path.Contains(':', StringComparison.Ordinal) && path.Split([':', '/']) is { Length: > 1 } labels && Array.TrueForAll(labels, label => IsLabel(label));
    }

    private static readonly System.Buffers.SearchValues<char> Lower = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly System.Buffers.SearchValues<char> Upper = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}
