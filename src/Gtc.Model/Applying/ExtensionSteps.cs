using System.Text.Json;

namespace Gtc.Model;

/// <summary>The extensions.</summary>
internal static class ExtensionSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        var extensions = draft.Manifest.Extensions ?? [];
        for (var index = 0; index < extensions.Length; index++)
        {
            if (Draft(draft, extensions[index], $"extensions[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static Refusal? Draft(PlanDraft draft, ManifestExtension wanted, string at)
    {
        _ = PackDescriptor.TryParse(wanted.Kind, out var kind);
        var key = new ExtensionKey(kind.Path, wanted.InstanceId);
        var bound = draft.Before.Extensions.FirstOrDefault(extension => ExtensionKey.Of(extension) == key);
        var answers = AnswersPlan.Of(draft, at, wanted.AnswersRef, default, AnswersPlace.Of(key), bound?.AnswersRef, isSameKind: true);
        if (!answers.TryGet(out var plan, out var refusal))
        {
            return refusal;
        }

        var desired = JsonSerializer.SerializeToNode(wanted, AuthoredJson.Default.ManifestExtension)!;
        desired["answers_digest"] = plan.Digest?.ToString();
        if (bound is not null && bound.Kind == kind && bound.PackRef == wanted.PackRef && bound.AnswersRef == plan.Reference && plan.IsThere)
        {
            draft.Unchanged(StepKinds.UpdateExtension, key.ToString(), desired);
            return null;
        }

        var binding = (bound ?? new ExtensionBinding { Kind = kind, PackRef = wanted.PackRef, InstanceId = wanted.InstanceId }) with { Kind = kind, PackRef = wanted.PackRef, AnswersRef = plan.Reference, AnswersDigest = plan.DigestAfter(bound?.AnswersDigest) };
        var head = bound is null
            ? draft.Head(StepKinds.AddExtension, key.ToString(), StepAction.Create, $"binds {kind}", desired)
            : draft.Head(StepKinds.UpdateExtension, key.ToString(), StepAction.Update, $"binds {kind} instead of {bound.Kind}", desired);
        draft.Add(new ApplyStep.BindExtension(head, binding, plan.Staged));
        return null;
    }
}
