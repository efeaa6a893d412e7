namespace Gtc.Fleet.Contracts;

/// <summary>Checks that an image is named in full, so that every device fetches the same one whatever its registries are set to.</summary>
internal static class ImageReference
{
    private const int MaxLength = 512;

    /// <summary>Why a reference is refused, or null.</summary>
    public static string? Problem(string image)
    {
        if (image.Length is 0 or > MaxLength || image.Any(character => character <= ' ' || character > '~'))
        {
            return "an image such as docker.io/library/nginx:1.26 was expected";
        }

        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var registry = slash < 0 ? "" : image[..slash];
        if (registry != "localhost" && registry.AsSpan().IndexOfAny('.', ':') < 0)
        {
            var path = slash < 0 ? $"library/{image}" : image;
            return $"`{BoundedText.Cut(image, 80)}` is a short name, which each device may read differently; write it in full, e.g. docker.io/{BoundedText.Cut(path, 80)}";
        }

        var rest = image[(slash + 1)..];
        var digest = rest.IndexOf('@', StringComparison.Ordinal);
        if (digest >= 0 && !ScoreHash.IsValid(rest[(digest + 1)..]))
        {
            return $"the digest of `{BoundedText.Cut(image, 80)}` is not sha256: and 64 hexadecimal digits";
        }

        var name = digest < 0 ? rest : rest[..digest];
        var colon = name.LastIndexOf(':');
        var repository = colon < 0 ? name : name[..colon];
        var isPath = repository.Length > 0 && repository.Split('/').All(IsComponent);
        var isTag = colon < 0 || IsTag(name[(colon + 1)..]);
        return isPath && isTag ? null : $"`{BoundedText.Cut(image, 80)}` is no image reference: registry/path[:tag][@sha256:…] in lower case was expected";
    }

    private static bool IsComponent(string part) =>
        part.Length > 0 && IsPlain(part[0]) && IsPlain(part[^1]) && part.All(character => IsPlain(character) || character is '.' or '_' or '-');

    private static bool IsPlain(char character) => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);

    private static bool IsTag(string tag) =>
        tag.Length is > 0 and <= 128 && tag[0] is not ('.' or '-') && tag.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}
