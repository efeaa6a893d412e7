using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary>What lies on a disk of a revision.</summary>
internal static class RevisionBytes
{
    /// <summary>Checks a revision as a worker would find it.</summary>
    public static async Task<Outcome<HealthGate>> CheckAsync(OpPlace at, EnvironmentDocument document, Revision revision, VerbCall call, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("gtc-warm-").FullName;
        try
        {
            var layout = at is LocalPlace local ? local.Layout : new EnvironmentLayout(at.Environment, scratch);
            await Task.CompletedTask;
            return WarmGate.Check(document, revision, layout, cancellationToken);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
