using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary><c>gtc demo kind-up</c> and <c>kind-down</c>: a cluster of the demo's own that holds the image of gtc.</summary>
internal sealed class ClusterLife(CliContext context, DemoFolder folder, DemoSteps steps)
{
    private readonly string? _repository = DemoCluster.FindRepository(context.WorkingDirectory);

    /// <summary>Makes the cluster, builds the image when it is not there or older than the program, and gives it to the cluster.</summary>
    public async Task<Refusal?> UpAsync(string? ownImage, CancellationToken cancellationToken)
    {
        if (DemoCluster.Find(folder.Root, _repository) is { } older)
        {
            return new Refusal.Conflict($"the demo has a cluster already: {older.Name}") { Next = "gtc demo kind-down" };
        }

        if (!(await DemoCluster.ChooseAsync(folder.Root, _repository, context.Tools, cancellationToken)).TryGet(out var cluster, out var refusal)
            || !(await ImageAsync(ownImage, cancellationToken)).TryGet(out var image, out refusal))
        {
            return refusal;
        }

        Directory.CreateDirectory(folder.Root);
        steps.Tell("cluster", $"{cluster.Name} is started; the first time on a machine this takes minutes", [("cluster", cluster.Name)]);
        refusal = await cluster.UpAsync(context.Tools, cancellationToken) ?? await cluster.LoadAsync(context.Tools, image, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        steps.Tell("ready", $"localhost/gtc:{GtcCommandLine.Version} is on it", [("kubeconfig", cluster.Kubeconfig), ("context", cluster.Context)]);
        steps.Close("Go on with:   gtc demo kind-pull", $"Look with:    export KUBECONFIG={cluster.Kubeconfig}; kubectl get pods -A");
        return null;
    }

    /// <summary>Takes the cluster away; none is no failure.</summary>
    public async Task<Refusal?> DownAsync(CancellationToken cancellationToken)
    {
        if (DemoCluster.Find(folder.Root, _repository) is not { } cluster)
        {
            steps.Tell("down", "no cluster of the demo is there", []);
            return null;
        }

        var refusal = await cluster.DownAsync(context.Tools, cancellationToken);
        if (refusal is null)
        {
            steps.Tell("down", $"{cluster.Name} is gone", [("cluster", cluster.Name)]);
        }

        return refusal;
    }

    private async Task<Outcome<string>> ImageAsync(string? ownImage, CancellationToken cancellationToken)
    {
        if (ownImage is not null)
        {
            var given = context.PathOf(ownImage);
            return File.Exists(given) ? given : new Refusal.Missing($"there is no image archive at {given}") { Next = "eng/image" };
        }

        if (_repository is null || DemoCluster.ImageOf(_repository) is not { } archive)
        {
            return new Refusal.Missing("the image is built in gtc's repository, and this gtc stands in none") { Next = "gtc demo kind-up --image gtc-image.tar" };
        }

        if (File.Exists(archive) && File.GetLastWriteTimeUtc(archive) >= File.GetLastWriteTimeUtc(Path.Combine(_repository, "artifacts", "gtc")))
        {
            return archive;
        }

        steps.Tell("image", "eng/image", []);
        return await DemoCluster.RunAsync(context.Tools, Path.Combine(_repository, "eng", "image"), [], cancellationToken) is { } refusal ? refusal : archive;
    }
}
