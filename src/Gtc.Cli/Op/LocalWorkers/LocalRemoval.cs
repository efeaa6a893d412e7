using System.Collections.Immutable;
using Gtc.Cli.Verbs;
using Gtc.Deployers.LocalProcess;
using Gtc.Model;

namespace Gtc.Cli.Op.LocalWorkers;

/// <summary>Ends the workers that a supervising deployer started on this machine, when their environment is destroyed: nobody would know of them later.</summary>
internal static class LocalRemoval
{
    /// <summary>Ends them, or says which would be; none where the deployer is another one, is passive, or is to be left alone.</summary>
    /// <returns>The workers, for people.</returns>
    public static async Task<Outcome<ImmutableArray<string>>> RunAsync(OpPlace at, bool keeps, bool isDryRun, VerbCall call, CancellationToken cancellationToken)
    {
        if (keeps || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out _) || !LocalDeployer.IsBound(document))
        {
            return ImmutableArray<string>.Empty;
        }

        if (!(await LocalDeployer.AnswersAsync(at, document, cancellationToken)).TryGet(out var answers, out var refusal))
        {
            return refusal;
        }

        if (at is not LocalPlace local)
        {
            return LocalProcessSettings.Read(answers).Then<ImmutableArray<string>>(settings => settings.Supervises ? LocalDeployer.NeedsFiles((RemotePlace)at) : ImmutableArray<string>.Empty);
        }

        using var processes = new LinuxWorkerProcesses();
        var deployer = LocalDeployer.Open(local.Store, processes, call.Context);
        var withoutRevisions = document with { Revisions = [] };
        return (isDryRun ? deployer.Plan(withoutRevisions, answers) : await deployer.ReconcileAsync(withoutRevisions, answers, cancellationToken)).Then(done => done.Failed is [var failed, ..]
            ? failed.Why
            : (Outcome<ImmutableArray<string>>)done.Ended.Select(revision => $"worker of revision {revision} on this machine").ToImmutableArray());
    }
}
