using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>A revision that answers.</summary>
/// <param name="Id">The revision.</param>
/// <param name="Context">Where its flows run.</param>
/// <param name="Flows">Its flows.</param>
internal sealed record ActiveRevision(RevisionId Id, FlowContext Context, FlowRuntime Flows) : IDisposable
{
    public void Dispose() => Flows.Dispose();
}
