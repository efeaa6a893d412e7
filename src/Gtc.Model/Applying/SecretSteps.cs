using System.Text.Json;

namespace Gtc.Model;

/// <summary>The secrets. A value cannot be compared, so one that is at hand is always written.</summary>
internal static class SecretSteps
{
    /// <summary>The path of the only kind whose secrets an apply writes.</summary>
    public const string DevStore = "greentic.secrets.dev-store";

    public static Refusal? Draft(PlanDraft draft)
    {
        var secrets = draft.Manifest.Secrets ?? [];
        if (secrets.IsEmpty)
        {
            return null;
        }

        if (SecretsKind(draft) is not { } kind)
        {
            return new Refusal.Conflict("secrets: no env-pack is bound to slot `secrets`")
            {
                Next = $"gtc op env-packs add {draft.Manifest.Environment.Id} slot=secrets kind={DevStore}@0.1.0 pack_ref=builtin",
            };
        }

        if (kind.Path != DevStore)
        {
            return new Refusal.Conflict($"secrets: an apply writes secrets of {DevStore} only, slot `secrets` is bound to {kind}");
        }

        foreach (var secret in secrets)
        {
            Draft(draft, secret, SecretPath.Parse(secret.Path).Value.ToString());
        }

        return null;
    }

    /// <summary>What the slot is bound to once the manifest's env-packs are.</summary>
    public static PackDescriptor? SecretsKind(PlanDraft draft)
    {
        var wanted = (draft.Manifest.Packs ?? []).FirstOrDefault(pack => pack.Slot == PackVerbs.Text(CapabilitySlot.Secrets));
        return wanted is not null && PackDescriptor.TryParse(wanted.Kind, out var kind)
            ? kind
            : draft.Before.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Secrets)?.Kind;
    }

    private static void Draft(PlanDraft draft, ManifestSecret secret, string path)
    {
        var desired = JsonSerializer.SerializeToNode(secret, AuthoredJson.Default.ManifestSecret)!;
        var isAtHand = secret.FromEnv is { } variable ? draft.Facts.Variables.Contains(variable) : draft.Facts.PastedSecrets.Contains(path);
        if (isAtHand)
        {
            var detail = secret.FromEnv is null ? "writes the pasted value" : $"writes the value of {secret.FromEnv}";
            draft.Add(new ApplyStep.PutSecret(draft.Head(StepKinds.PutSecret, path, StepAction.Put, detail, desired), path, secret.FromEnv));
        }
        else if (secret.FromEnv is not null)
        {
            draft.Lacks("secret_value", path, $"env:{secret.FromEnv}");
        }
        else if (!draft.Facts.StoredSecrets.Contains(path))
        {
            draft.Lacks("secret_value", path, "paste");
        }
    }
}
