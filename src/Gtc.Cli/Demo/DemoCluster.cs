using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>The cluster of the demo: kind where Docker and kind are, else the node that <c>eng/kube-node</c> starts on this machine.</summary>
/// <param name="Kubeconfig">The file that leads to it.</param>
/// <param name="Context">The context in that file.</param>
/// <param name="Name">What it is, for people.</param>
internal abstract record DemoCluster(string Kubeconfig, string Context, string Name)
{
    private const string KindName = "gtc-demo";

    /// <summary>True when it was made and not taken away again.</summary>
    public bool Exists => File.Exists(Kubeconfig);

    /// <summary>Where an image archive is kept that the repository builds.</summary>
    public static string? ImageOf(string? repository) => repository is null ? null : Path.Combine(repository, "artifacts", "gtc-image.tar");

    /// <summary>The one that is there, or null.</summary>
    /// <param name="folder">The demo's folder.</param>
    /// <param name="repository">The root of gtc's repository, or null.</param>
    public static DemoCluster? Find(string folder, string? repository) =>
        new Kind(folder) is { Exists: true } kind ? kind
        : new Node(folder, repository) is { Exists: true } node ? node
        : null;

    /// <summary>The one that this machine can have.</summary>
    public static async Task<Outcome<DemoCluster>> ChooseAsync(string folder, string? repository, IToolRunner tools, CancellationToken cancellationToken)
    {
        if (await tools.RunAsync("kind", ["version"], cancellationToken) is { ExitCode: 0 } && await tools.RunAsync("docker", ["info"], cancellationToken) is { ExitCode: 0 })
        {
            return new Kind(folder);
        }

        return repository is not null
            ? new Node(folder, repository)
            : new Refusal.Missing("no cluster can be made: kind with a running Docker is not on this machine, and this gtc stands in no repository that has eng/kube-node") { Next = "docker info; kind version" };
    }

    /// <summary>The root of gtc's repository: above this program, or above the working folder; null when there is none.</summary>
    public static string? FindRepository(string workingFolder)
    {
        foreach (var start in (string[])[AppContext.BaseDirectory, workingFolder])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "eng", "kube-node")))
                {
                    return folder.FullName;
                }
            }
        }

        return null;
    }

    /// <summary>Makes it.</summary>
    public abstract Task<Refusal?> UpAsync(IToolRunner tools, CancellationToken cancellationToken);

    /// <summary>Gives it an image.</summary>
    public abstract Task<Refusal?> LoadAsync(IToolRunner tools, string archive, CancellationToken cancellationToken);

    /// <summary>Takes it away.</summary>
    public abstract Task<Refusal?> DownAsync(IToolRunner tools, CancellationToken cancellationToken);

    /// <summary>Runs a tool that must succeed.</summary>
    public static async Task<Refusal?> RunAsync(IToolRunner tools, string program, string[] words, CancellationToken cancellationToken)
    {
        var ran = await tools.RunAsync(program, words, cancellationToken);
        return ran switch
        {
            { ExitCode: 0 } => null,
            null => new Refusal.Missing($"{program} cannot be started"),
            _ => new Refusal.FileFailed($"`{Path.GetFileName(program)} {string.Join(' ', words)}` ended with {ran.ExitCode}: {LastLine(ran.Error)}"),
        };
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "it said nothing";

    /// <summary>A cluster of kind.</summary>
    private sealed record Kind(string Folder) : DemoCluster(Path.Combine(Folder, "kind.kubeconfig"), $"kind-{KindName}", "kind")
    {
        public override Task<Refusal?> UpAsync(IToolRunner tools, CancellationToken cancellationToken) =>
            RunAsync(tools, "kind", ["create", "cluster", "--name", KindName, "--kubeconfig", Kubeconfig, "--wait", "120s"], cancellationToken);

        public override Task<Refusal?> LoadAsync(IToolRunner tools, string archive, CancellationToken cancellationToken) =>
            RunAsync(tools, "kind", ["load", "image-archive", archive, "--name", KindName], cancellationToken);

        public override async Task<Refusal?> DownAsync(IToolRunner tools, CancellationToken cancellationToken)
        {
            var refusal = await RunAsync(tools, "kind", ["delete", "cluster", "--name", KindName, "--kubeconfig", Kubeconfig], cancellationToken);
            if (refusal is null)
            {
                File.Delete(Kubeconfig);
            }

            return refusal;
        }
    }

    /// <summary>The node of <c>eng/kube-node</c>.</summary>
    private sealed record Node(string Folder, string? Repository) : DemoCluster(Path.Combine(Folder, "node", "kubeconfig"), "kube-node", "a node on this machine")
    {
        private string State => Path.Combine(Folder, "node");

        public override Task<Refusal?> UpAsync(IToolRunner tools, CancellationToken cancellationToken) => ScriptAsync(tools, ["up", "--dir", State], cancellationToken);

        public override Task<Refusal?> LoadAsync(IToolRunner tools, string archive, CancellationToken cancellationToken) => ScriptAsync(tools, ["load", archive, "--dir", State], cancellationToken);

        public override Task<Refusal?> DownAsync(IToolRunner tools, CancellationToken cancellationToken) => ScriptAsync(tools, ["down", "--dir", State], cancellationToken);

        private async Task<Refusal?> ScriptAsync(IToolRunner tools, string[] words, CancellationToken cancellationToken) => Repository is null
            ? new Refusal.Missing("eng/kube-node, which made the demo's node, is not near this gtc; run the demo from the repository") { Next = $"eng/kube-node down --dir {State}" }
            : await RunAsync(tools, Path.Combine(Repository, "eng", "kube-node"), words, cancellationToken);
    }
}
