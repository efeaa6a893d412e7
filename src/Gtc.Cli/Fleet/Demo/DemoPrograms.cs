using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>Programs that the demo cannot do without, and the Debian packages that have them.</summary>
internal static class DemoPrograms
{
    private static readonly (string Program, string Package)[] Needed =
    [
        ("nats-server", "nats-server"),
        ("podman", "podman"),
        ("crun", "crun"),
        ("etcd", "etcd-server"),
        ("openssl", "openssl"),
        ("curl", "curl"),
        ("setsid", "util-linux"),
        (Busybox, "busybox-static"),
        ("/usr/lib/cni/bridge", "containernetworking-plugins"),
    ];

    /// <summary>What the images are made of.</summary>
    public const string Busybox = "/bin/busybox";

    /// <summary>Looks for all of them.</summary>
    /// <param name="path">The search path.</param>
    /// <param name="exists">Whether a file is there.</param>
    /// <returns>Null, or what is missing and the line that installs it.</returns>
    public static Refusal? FindMissing(string path, Func<string, bool> exists)
    {
        var folders = path.Split(':', StringSplitOptions.RemoveEmptyEntries);
        var missing = Needed.Where(need => !(need.Program[0] == '/' ? exists(need.Program) : folders.Any(folder => exists(Path.Combine(folder, need.Program))))).ToList();
        return missing.Count == 0
            ? null
            : new Refusal.Missing($"the demo runs real servers on this machine, and {string.Join(", ", missing.Select(need => need.Program))} {(missing.Count == 1 ? "is" : "are")} not installed")
            {
                Next = $"apt-get install -y {string.Join(' ', missing.Select(need => need.Package).Distinct())}",
            };
    }
}
