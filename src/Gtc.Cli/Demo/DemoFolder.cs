using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>Where the demo keeps everything: a private folder of its own.</summary>
/// <param name="Root">The folder.</param>
internal sealed record DemoFolder(string Root)
{
    public string Store => Path.Combine(Root, "environments");

    public string Environment => Path.Combine(Store, "local");

    public string Bundles => Path.Combine(Root, "bundles");

    public string Source => Path.Combine(Root, "source");

    public string OperatorKey => Path.Combine(Root, "operator", "key.pem");

    public string WorkerRecord => Path.Combine(Root, "worker");

    public string WorkerOutput => Path.Combine(Root, "worker.out");

    public string WorkerErrors => Path.Combine(Root, "worker.err");

    /// <summary>The answers of the Kubernetes deployer.</summary>
    public string DeployerAnswers => Path.Combine(Root, "deployer-answers.json");

    /// <summary>The folder of a demo.</summary>
    /// <param name="context">Where HOME is.</param>
    /// <param name="name">The demo's name, below the gtc home.</param>
    public static Outcome<DemoFolder> Find(CliContext context, string name) => context.Variable("HOME") is { Length: > 0 } home
        ? new DemoFolder(Path.Combine(home, ".greentic", name))
        : new Refusal.InvalidArgument("the demo keeps its files below HOME, which is not set");

    /// <summary>Starts from nothing.</summary>
    public void Reset()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }

        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Bundles);
        Directory.CreateDirectory(Store);
    }
}
