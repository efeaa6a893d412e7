namespace Gtc.Model;

/// <summary>The edges of a revision's life (environment-model.md §2.5); there are no others and no self-transitions.</summary>
public static class LifecycleTable
{
    /// <summary>True when the edge exists.</summary>
    public static bool Allows(RevisionLifecycle from, RevisionLifecycle to) => from switch
    {
        RevisionLifecycle.Inactive => to is RevisionLifecycle.Staged or RevisionLifecycle.Failed or RevisionLifecycle.Archived,
        RevisionLifecycle.Staged => to is RevisionLifecycle.Warming or RevisionLifecycle.Failed or RevisionLifecycle.Archived,
        RevisionLifecycle.Warming => to is RevisionLifecycle.Ready or RevisionLifecycle.Failed or RevisionLifecycle.Archived,
        RevisionLifecycle.Ready => to is RevisionLifecycle.Draining or RevisionLifecycle.Failed or RevisionLifecycle.Archived,
        RevisionLifecycle.Draining => to is RevisionLifecycle.Inactive,
        RevisionLifecycle.Failed => to is RevisionLifecycle.Staged or RevisionLifecycle.Archived,
        _ => false,
    };
}
