using Gtc.Deployers.LocalProcess;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary>Whom a worker believes, and where a router finds its workers.</summary>
internal static class WorkerPeers
{
    /// <summary>The peers that are believed: <c>--trusted-proxies</c>, else <c>GREENTIC_TRUSTED_PROXIES</c>, else nobody.</summary>
    public static Outcome<PeerRanges> Resolve(string? option, CliContext context)
    {
        var text = option ?? context.Variable("GREENTIC_TRUSTED_PROXIES") ?? string.Empty;
        return PeerRanges.Parse(text) is { } ranges
            ? ranges
            : new Refusal.InvalidArgument($"trusted proxies `{text}` must be ranges of addresses that are separated by commas, e.g. 10.0.0.0/8,fd00::/8");
    }

    /// <summary>
    /// Where a router finds the worker of a revision: <c>GREENTIC_WORKER_ADDRESS</c> with <c>{revision}</c> for its id in lower case, else the worker that a
    /// deployer recorded on this machine and that still runs, else <c>gtc-worker-{revision}:8080</c>.
    /// </summary>
    public static Func<RevisionId, string> AddressOf(CliContext context, FileEnvironmentStore store, EnvId environment, IWorkerProcesses processes)
    {
        if (context.Variable("GREENTIC_WORKER_ADDRESS") is { Length: > 0 } given)
        {
            return id => Name(given, id);
        }

        return id => WorkerRecords.Read(store, environment).TryGetValue(id.ToString(), out var worker) && processes.IsRunning(worker)
            ? worker.Address
            : Name("gtc-worker-{revision}:8080", id);
    }

    private static string Name(string template, RevisionId id) => template.Replace("{revision}", id.ToString().ToLowerInvariant(), StringComparison.Ordinal);
}
