using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>
/// A revision that answers. One object serves across reloads for as long as the revision is wanted; requests enter and leave it, and what it
/// holds is given back when it is closed, which it is only while nobody is in it.
/// </summary>
internal sealed class ActiveRevision : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cut = new();
    private TaskCompletionSource? _emptied;
    private int _inFlight;
    private bool _isClosed;

    public ActiveRevision() => Cut = _cut.Token;

    /// <summary>What it was loaded from; a revision that is wanted otherwise is another one.</summary>
    public required RuntimeRevision Block { get; init; }

    /// <summary>Where its flows run.</summary>
    public required FlowContext Context { get; init; }

    /// <summary>Its flows.</summary>
    public required FlowRuntime Flows { get; init; }

    /// <summary>The files that its packs serve.</summary>
    public required StaticSite Site { get; init; }

    /// <summary>The requests that its packs' providers answer.</summary>
    public required ProviderRoutes Routes { get; init; }

    /// <summary>What the routing table knows about it.</summary>
    public required RevisionState State { get; init; }

    /// <summary>Its packs as they lay on disk when they were checked.</summary>
    public required PackStamps Stamps { get; init; }

    /// <summary>How long its requests get once it is wanted no more; as the environment says at the moment.</summary>
    public TimeSpan DrainTime { get; set; }

    /// <summary>Counts what it does; as the environment says at the moment whom it is billed to.</summary>
    public required UsageMeter Usage { get; set; }

    public RevisionId Id => Block.RevisionId;

    public DeploymentId Deployment => Block.DeploymentId;

    /// <summary>Requests that are in it.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether its drain time is over; it is never wanted again.</summary>
    public bool IsCut { get; set; }

    /// <summary>Ends the requests that outstay the drain time.</summary>
    public CancellationToken Cut { get; }

    /// <summary>Whether a block and a context say the same as this revision was loaded from.</summary>
    public bool IsFor(RuntimeRevision block, FlowContext context) =>
        Context == context
        && Block.BundleId == block.BundleId
        && Block.PackListRefs.SequenceEqual(block.PackListRefs, StringComparer.Ordinal)
        && Block.PackConfigRefs.SequenceEqual(block.PackConfigRefs, StringComparer.Ordinal);

    /// <summary>Enters; false when it was closed since it was chosen.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _inFlight++;
            return true;
        }
    }

    /// <summary>Leaves.</summary>
    public void Leave()
    {
        TaskCompletionSource? emptied = null;
        lock (_gate)
        {
            if (--_inFlight == 0)
            {
                (emptied, _emptied) = (_emptied, null);
            }
        }

        emptied?.SetResult();
    }

    /// <summary>Closes it when nobody is in it: then nobody enters any more, and what it holds is given back.</summary>
    /// <param name="emptied">Ends when the last one has left; to be tried again then.</param>
    public bool TryClose(out Task emptied)
    {
        lock (_gate)
        {
            if (_inFlight > 0)
            {
                _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                emptied = _emptied.Task;
                return false;
            }

            emptied = Task.CompletedTask;
            if (_isClosed)
            {
                return true;
            }

            _isClosed = true;
        }

        Flows.Dispose();
        _cut.Dispose();
        return true;
    }

    /// <summary>Ends the requests that are in it.</summary>
    public Task CutAsync() => _cut.CancelAsync();

    /// <summary>Closes it although somebody may be in it: the process ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        Flows.Dispose();
        _cut.Dispose();
    }
}
