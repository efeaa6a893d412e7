using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The answers files of env-packs and extensions (env-packs.md §3, §8.4).</summary>
/// <remarks>
/// A binding names <c>answers.json</c>, the current answers. Every content is kept beside it under its own digest, <c>answers.&lt;first 12 hex digits&gt;.json</c>,
/// so that a rollback of the binding finds the answers that it had.
/// </remarks>
public static class BindingAnswers
{
    /// <summary>The most bytes of one answers file.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int DigestLetters = 12;

    /// <summary>Makes answers the current ones of a binding, durably, and keeps them under their digest. Call it inside a change, before the binding is changed.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="reference">The binding's <c>answers_ref</c>, e.g. <c>env-packs/deployer/answers.json</c>.</param>
    /// <param name="answers">The answers; they are written as canonical JSON.</param>
    /// <returns>Null on success.</returns>
    public static Refusal? Stage(EnvironmentFiles files, string reference, JsonElement answers)
    {
        ArgumentNullException.ThrowIfNull(files);
        var bytes = CanonicalJson.Bytes(answers);
        return bytes.Length > MaxBytes
            ? new Refusal.InvalidArgument($"the answers for {reference} have {bytes.Length} bytes, more than {MaxBytes}")
            : files.Write(KeptUnder(reference, Sha256Digest.FromBytes(SHA256.HashData(bytes))), bytes) ?? files.Replace(reference, bytes);
    }

    /// <summary>Makes answers that were staged earlier the current ones again. Call it inside a change, before the binding is changed.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="reference">The binding's <c>answers_ref</c>, or null when it has no answers.</param>
    /// <param name="digest">The binding's <c>answers_digest</c>, or null when gtc did not stage them; then they stay as they are.</param>
    /// <returns>Null on success; <see cref="Refusal.Missing"/> when they are gone, <see cref="Refusal.Conflict"/> when they were altered.</returns>
    public static Refusal? Recall(EnvironmentFiles files, string? reference, Sha256Digest? digest)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (reference is null || digest is not { } wanted)
        {
            return null;
        }

        return files.Read(KeptUnder(reference, wanted), MaxBytes).Then(bytes => Checked(reference, wanted, bytes)).Match(bytes => files.Replace(reference, bytes), refusal => refusal);
    }

    /// <summary>Answers that were kept under their digest, once they are seen to have it.</summary>
    /// <param name="reference">The binding's <c>answers_ref</c>.</param>
    /// <param name="digest">The binding's <c>answers_digest</c>.</param>
    /// <param name="kept">What is kept; null when it is not there.</param>
    public static Outcome<byte[]> Checked(string reference, Sha256Digest digest, byte[]? kept) =>
        kept is null ? new Refusal.Missing($"the earlier answers are gone: {KeptUnder(reference, digest)} is not there")
        : Sha256Digest.FromBytes(SHA256.HashData(kept)) != digest ? new Refusal.Conflict($"the earlier answers were altered: {KeptUnder(reference, digest)} is not what its name says")
        : kept;

    /// <summary>Makes the answers of a whole document the current ones again, where they differ from those of the present one.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="present">The document as it is, or null.</param>
    /// <param name="restored">The document that is to be.</param>
    /// <returns>Null on success.</returns>
    internal static Refusal? Recall(EnvironmentFiles files, EnvironmentDocument? present, EnvironmentDocument restored) =>
        Differing(present, restored).Select(answers => Recall(files, answers.Reference, answers.Digest)).FirstOrDefault(refusal => refusal is not null);

    /// <summary>The answers of a document that gtc staged and that are others in the present one.</summary>
    /// <param name="present">The document as it is, or null.</param>
    /// <param name="restored">The document that is to be.</param>
    public static IEnumerable<(string Reference, Sha256Digest Digest)> Differing(EnvironmentDocument? present, EnvironmentDocument restored)
    {
        ArgumentNullException.ThrowIfNull(restored);
        var standing = present is null ? [] : All(present).ToHashSet();
        return All(restored).Where(answers => !standing.Contains(answers));
    }

    private static IEnumerable<(string Reference, Sha256Digest Digest)> All(EnvironmentDocument document) =>
        document.Packs.Select(pack => (pack.AnswersRef, pack.AnswersDigest)).Concat(document.Extensions.Select(extension => (extension.AnswersRef, extension.AnswersDigest)))
            .Where(answers => answers is { AnswersRef: not null, AnswersDigest: not null })
            .Select(answers => (answers.AnswersRef!, answers.AnswersDigest!.Value));

    /// <summary>Where answers of a digest are kept.</summary>
    public static string KeptUnder(string reference, Sha256Digest digest)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var stem = Path.ChangeExtension(reference, null);
        return $"{stem}.{digest.ToString()["sha256:".Length..][..DigestLetters]}{Path.GetExtension(reference)}";
    }
}
