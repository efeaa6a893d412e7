using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>Where updates come from, and whose keys sign them.</summary>
internal static class UpdateSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        if (draft.Manifest.Updates is not { } wanted)
        {
            return null;
        }

        var present = draft.Facts.UpdateChannel ?? UpdateChannelConfig.Absent(draft.Before.EnvironmentId);
        var channel = present with
        {
            Enabled = wanted.Enabled ?? true,
            PlanEndpoint = wanted.PlanEndpoint ?? UpdateChannelConfig.DefaultPlanEndpoint,
            PollIntervalSecs = wanted.PollIntervalSecs ?? UpdateChannelConfig.DefaultPollIntervalSecs,
            PushEnabled = wanted.PushEnabled ?? true,
            StreamEndpoint = wanted.StreamEndpoint,
        };
        channel = wanted.OnNotify is { } action ? channel.WithAction(ManifestWords.Action(action)) : channel;
        if (TrustedDid(wanted, channel) is { } did)
        {
            DraftDid(draft, did);
        }

        var desired = JsonSerializer.SerializeToNode(wanted, AuthoredJson.Default.ManifestUpdates)!;
        var key = draft.Before.EnvironmentId.ToString();
        if (draft.Facts.UpdateChannel is not null && channel == present)
        {
            draft.Unchanged(StepKinds.ConfigureUpdates, key, desired);
            return null;
        }

        var exists = draft.Facts.UpdateChannel is not null;
        var head = draft.Head(StepKinds.ConfigureUpdates, key, exists ? StepAction.Update : StepAction.Create, $"looks at {channel.PlanEndpoint}", desired);
        draft.Add(new ApplyStep.ConfigureUpdates(head, channel));
        return null;
    }

    /// <summary>The fleet's own identity is trusted by default only where the fleet's own endpoint is used.</summary>
    private static string? TrustedDid(ManifestUpdates wanted, UpdateChannelConfig channel) => wanted.TrustDid.ValueKind switch
    {
        JsonValueKind.String => wanted.TrustDid.GetString(),
        JsonValueKind.Undefined when channel.ResolveEnabled() && channel.PlanEndpoint == UpdateChannelConfig.DefaultPlanEndpoint => UpdateChannelConfig.DefaultTrustDid,
        _ => null,
    };

    private static void DraftDid(PlanDraft draft, string did)
    {
        var desired = JsonValue.Create(did);
        if (draft.Facts.TrustedDids.Contains(did))
        {
            draft.Unchanged(StepKinds.TrustDid, did, desired);
            return;
        }

        draft.Add(new ApplyStep.TrustDid(draft.Head(StepKinds.TrustDid, did, StepAction.Create, "trusts its keys", desired), did));
    }
}
