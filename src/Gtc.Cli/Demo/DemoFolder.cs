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

    public static Outcome<DemoFolder> Find(CliContext context) => context.Variable("HOME") is { Length: > 0 } home
        ? new DemoFolder(Path.Combine(home, ".greentic", "demo"))
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
