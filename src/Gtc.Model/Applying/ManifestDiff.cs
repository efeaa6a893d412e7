namespace Gtc.Model;

/// <summary>Compares what is wanted with what is (op-cli.md §7). Pure: everything about the world comes in as <see cref="ApplyFacts"/>.</summary>
public static class ManifestDiff
{
    /// <summary>
    /// The ordered steps that take the environment to the manifest. A missing <c>local</c> is made, any other missing environment refused.
    /// What the manifest does not mention is left alone, but for the sections that are pruned.
    /// </summary>
    /// <param name="current">The document, or null when there is none.</param>
    /// <param name="manifest">A manifest that <see cref="Manifests.Check"/> accepts.</param>
    /// <param name="facts">What the caller found out.</param>
    /// <param name="mint">Gives new ids.</param>
    public static Outcome<ApplyPlan> Plan(EnvironmentDocument? current, EnvManifest manifest, ApplyFacts facts, Func<Ulid> mint)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(mint);
        if (Manifests.Check(manifest) is { } broken)
        {
            return broken;
        }

        if (current is not null && current.EnvironmentId.ToString() != manifest.Environment.Id)
        {
            return new Refusal.InvalidArgument($"the manifest is for environment `{manifest.Environment.Id}`, not for `{current.EnvironmentId}`");
        }

        if (current is null && manifest.Environment.Id != EnvId.Local.ToString())
        {
            return new Refusal.Missing($"environment `{manifest.Environment.Id}` does not exist") { Next = $"gtc op env create {manifest.Environment.Id}" };
        }

        var draft = new PlanDraft(current ?? EnvironmentVerbs.CreateLocal(), current is null, manifest, facts, mint);
        return (EnvironmentSteps.Draft(draft) ?? BindingSteps.Draft(draft) ?? SecretSteps.Draft(draft) ?? BundleSteps.Draft(draft)
                ?? ExtensionSteps.Draft(draft) ?? EndpointSteps.Draft(draft) ?? PruneSteps.Draft(draft) ?? UpdateSteps.Draft(draft)) is { } refusal
            ? refusal
            : draft.Finish();
    }
}
