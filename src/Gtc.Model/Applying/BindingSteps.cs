using System.Text.Json;

namespace Gtc.Model;

/// <summary>The env-packs.</summary>
internal static class BindingSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        var packs = draft.Manifest.Packs ?? [];
        for (var index = 0; index < packs.Length; index++)
        {
            if (Draft(draft, packs[index], $"packs[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static Refusal? Draft(PlanDraft draft, ManifestPack wanted, string at)
    {
        _ = PackDescriptor.TryParse(wanted.Kind, out var kind);
        var slot = ManifestWords.Slot(wanted.Slot);
        var bound = draft.Before.Packs.FirstOrDefault(pack => pack.Slot == slot);
        var answers = AnswersPlan.Of(
            draft, at, wanted.AnswersRef, wanted.Answers, AnswersPlace.Of(slot), bound?.AnswersRef, bound?.Kind.Path == kind.Path);
        if (!answers.TryGet(out var plan, out var refusal))
        {
            return refusal;
        }

        var desired = JsonSerializer.SerializeToNode(wanted, AuthoredJson.Default.ManifestPack)!;
        desired["answers_digest"] = plan.Digest?.ToString();
        if (bound is not null && bound.Kind == kind && bound.PackRef == wanted.PackRef && bound.AnswersRef == plan.Reference && plan.IsThere)
        {
            draft.Unchanged(StepKinds.UpdatePackBinding, wanted.Slot, desired);
            return null;
        }

        var binding = (bound ?? new EnvPackBinding { Slot = slot, Kind = kind, PackRef = wanted.PackRef }) with { Kind = kind, PackRef = wanted.PackRef, AnswersRef = plan.Reference, AnswersDigest = plan.DigestAfter(bound?.AnswersDigest) };
        var head = bound is null
            ? draft.Head(StepKinds.AddPackBinding, wanted.Slot, StepAction.Create, $"binds {kind}", desired)
            : draft.Head(StepKinds.UpdatePackBinding, wanted.Slot, StepAction.Update, bound.Kind == kind ? $"changes the answers of {kind}" : $"binds {kind} instead of {bound.Kind}", desired);
        draft.Add(new ApplyStep.BindPack(head, binding, plan.Staged));
        return null;
    }
}
