using System.Globalization;
using Gtc.Cli.Demo;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>A real API server of the demo's own, made by <c>eng/kube-node api</c>. It can be killed and started again.</summary>
internal sealed class KubeServer(CliContext context, string repository, string folder)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(10);
    private string[] _words = [];

    private string Script => Path.Combine(repository, "eng", "kube-node");

    private string Record => Path.Combine(folder, "kube-apiserver.pid");

    public string Kubeconfig => Path.Combine(folder, "kubeconfig");

    public string LogFile => Path.Combine(folder, "kube-apiserver.log");

    /// <summary>Starts it; it answers when this ends.</summary>
    public Task<Refusal?> UpAsync(CancellationToken cancellationToken) => DemoCluster.RunAsync(context.Tools, Script, ["api", "--dir", folder], cancellationToken);

    /// <summary>Takes it away.</summary>
    public Task<Refusal?> DownAsync(CancellationToken cancellationToken) => DemoCluster.RunAsync(context.Tools, Script, ["down", "--dir", folder], cancellationToken);

    /// <summary>A client with all rights.</summary>
    public Outcome<KubeClient> Connect()
    {
        var found = KubeConfig.Find(null, Variable);
        return found.Error is { } error ? new Refusal.FetchFailed(error.Message) : new KubeClient(found.Value!, CallDeadline, context.Time) { Patience = TimeSpan.Zero };
    }

    /// <summary>The variables of a person who works with it.</summary>
    public string? Variable(string name) => name == "KUBECONFIG" ? Kubeconfig : context.Variable(name);

    /// <summary>Kills the API server; etcd stays.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var pid = int.Parse((await File.ReadAllTextAsync(Record, cancellationToken)).Trim(), CultureInfo.InvariantCulture);
        _words = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", cancellationToken)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        await ChildProcess.KillAsync(pid, cancellationToken);
    }

    /// <summary>Starts what <see cref="KillAsync"/> killed, with the same words; <see cref="DownAsync"/> finds it.</summary>
    public async Task<Refusal?> StartAgainAsync(CancellationToken cancellationToken)
    {
        var again = new ChildProcess(folder, "kube-apiserver", _words);
        if (again.Start() is { } refusal)
        {
            return refusal;
        }

        await File.WriteAllTextAsync(Record, again.ProcessId.ToString(CultureInfo.InvariantCulture), cancellationToken);
        return null;
    }
}
