using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Finds the answers that a binding refers to, inside the environment's folder and nowhere else (env-packs.md §8.2).</summary>
public static class BoundAnswers
{
    /// <summary>The most bytes of one answers file.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int MaxDepth = 16;

    /// <summary>The answers of a binding for a handler; its defaults when the binding is of another kind or names no answers.</summary>
    /// <param name="folder">The environment's folder, absolute.</param>
    /// <param name="bound">The path of the kind that is bound.</param>
    /// <param name="reference">The binding's <c>answers_ref</c>, or null.</param>
    /// <param name="handler">Whose answers are wanted.</param>
    public static Outcome<PackAnswers> Load(string folder, string bound, string? reference, IEnvPackHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return reference is null || bound != handler.DescriptorPath
            ? PackAnswers.Defaults(handler.Questions)
            : Resolve(folder, reference).Then(answers => AnswersReader.Read(handler, answers));
    }

    /// <summary>Reads the document that a reference names.</summary>
    /// <param name="folder">The environment's folder, absolute.</param>
    /// <param name="reference">The path relative to it.</param>
    /// <returns>The document; <see cref="Refusal.Conflict"/> when it lies outside, is not there or is no JSON; <see cref="Refusal.FileFailed"/> when it cannot be read.</returns>
    public static Outcome<JsonElement> Resolve(string folder, string reference)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(reference);
        if (reference.Length == 0 || reference.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(reference) || reference.Split('/').Contains(".."))
        {
            return Escapes(reference);
        }

        try
        {
            if (CanonicalPath.Of(folder) is not { } root || CanonicalPath.Of(Path.Combine(folder, reference)) is not { } path)
            {
                return new Refusal.Conflict($"the answers `{reference}` are not there: answer the questions again, or bind other answers")
                {
                    Details = [new("expected", Path.Combine(folder, reference))],
                    Next = "gtc op env-packs update",
                };
            }

            return path.StartsWith($"{root}/", StringComparison.Ordinal) ? Read(path, reference) : Escapes(reference);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the answers `{reference}` cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static Outcome<JsonElement> Read(string path, string reference)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxBytes)
        {
            return new Refusal.Conflict($"the answers `{reference}` have {file.Length} bytes, the most is {MaxBytes}");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            // Text with a byte that is no UTF-8 would only be found when it is touched.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            return JsonElement.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException)
        {
            return new Refusal.Conflict($"the answers `{reference}` are no JSON");
        }
    }

    private static Refusal.Conflict Escapes(string reference) => new($"answers_ref `{reference}` escapes env directory: it must name a file in the environment's folder");
}
