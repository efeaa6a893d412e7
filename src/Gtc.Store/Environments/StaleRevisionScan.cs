using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a reference of a document points at (store.md §4).</summary>
public enum ReferenceState
{
    /// <summary>At a file inside the environment's folder.</summary>
    Present,

    /// <summary>At nothing: the file is gone.</summary>
    Stale,

    /// <summary>Out of the folder, through a link, or at something that is no file: it is not followed.</summary>
    Invalid,
}

/// <summary>A routed revision whose pack list is gone.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="ExpectedPath">Where its pack list should be.</param>
public sealed record StaleRevision(Revision Revision, string ExpectedPath);

/// <summary>Finds routed revisions that cannot be served, because the pack list that pins them is gone and there is no source to pull them from again (store.md §4).</summary>
public static class StaleRevisionScan
{
    /// <summary>The stale revisions in the document's order.</summary>
    public static Outcome<ImmutableArray<StaleRevision>> Find(EnvironmentFiles files, EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(document);
        var routed = document.TrafficSplits.SelectMany(split => split.Entries).Select(entry => entry.RevisionId).ToHashSet();
        var found = ImmutableArray.CreateBuilder<StaleRevision>();
        foreach (var revision in document.Revisions.Where(revision => routed.Contains(revision.RevisionId) && revision.BundleSourceUri is null))
        {
            if (!Classify(files, revision.PackListLockRef).TryGet(out var state, out var refusal))
            {
                return refusal;
            }

            if (state == ReferenceState.Stale)
            {
                found.Add(new StaleRevision(revision, files.Layout.Resolve(revision.PackListLockRef)));
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Looks at one reference. Its text is judged first, so that one which leaves the folder is never looked up.</summary>
    public static Outcome<ReferenceState> Classify(EnvironmentFiles files, string reference)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (!RuntimeConfigRules.IsContained(reference))
        {
            return ReferenceState.Invalid;
        }

        try
        {
            var path = files.Layout.Resolve(reference);
            if (files.Atomic.Calls.Status(path, followLinks: true) is not { } status)
            {
                return ReferenceState.Stale;
            }

            return status.IsRegular && !HasLink(files, reference) ? ReferenceState.Present : ReferenceState.Invalid;
        }
        catch (FileCallException error) when (error.Errno == Errno.NotFolder)
        {
            return ReferenceState.Invalid;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{reference} could not be looked at", error);
        }
    }

    /// <summary>Whether a link is on the way: it could lead anywhere, so none is followed.</summary>
    private static bool HasLink(EnvironmentFiles files, string reference)
    {
        var path = files.Layout.Folder;
        foreach (var segment in reference.Split('/'))
        {
            path = Path.Combine(path, segment);
            if (files.Atomic.Calls.Status(path, followLinks: false) is { IsSymbolicLink: true })
            {
                return true;
            }
        }

        return false;
    }
}
