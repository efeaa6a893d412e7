using System.Text.Json;

namespace Gtc.Model;

/// <summary>Where a binding's answers come from and whether they are there already.</summary>
/// <param name="Reference">The binding's <c>answers_ref</c>.</param>
/// <param name="Staged">What is to be copied, or null when nothing is wanted.</param>
/// <param name="Digest">The digest of what is wanted, or null.</param>
/// <param name="IsThere">True when the environment holds the same answers.</param>
internal sealed record AnswersPlan(string? Reference, StagedAnswers? Staged, Sha256Digest? Digest, bool IsThere)
{
    /// <summary>The binding's <c>answers_digest</c>: of what is staged, else as it was while the same answers stay.</summary>
    public Sha256Digest? DigestAfter(Sha256Digest? present) => Digest ?? (Reference is null ? null : present);

    /// <summary>Answers that the manifest does not mention stay while the kind stays; another kind's answers are never inherited.</summary>
    public static Outcome<AnswersPlan> Of(
        PlanDraft draft, string at, string? file, JsonElement inline, string place, string? present, bool isSameKind)
    {
        Sha256Digest digest;
        if (inline.ValueKind == JsonValueKind.Object)
        {
            digest = CanonicalJson.Digest(inline);
        }
        else if (file is null)
        {
            return new AnswersPlan(isSameKind ? present : null, null, null, true);
        }
        else if (!draft.Facts.AnswersFiles.TryGetValue(file, out digest))
        {
            return new Refusal.InvalidArgument($"{at}.answers_ref: file `{file}` cannot be read");
        }

        var isThere = draft.Facts.StoredAnswers.TryGetValue(place, out var stored) && stored == digest;
        return new AnswersPlan(place, new StagedAnswers(file, inline), digest, isThere);
    }
}
