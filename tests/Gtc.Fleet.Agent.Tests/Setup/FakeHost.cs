using System.Globalization;
using Gtc.Fleet.Agent.Setup;

namespace Gtc.Fleet.Agent.Tests.Setup;

/// <summary>A host whose files are below a folder, and whose programs do to those files what the real ones do.</summary>
internal sealed class FakeHost : ISetupHost, IDisposable
{
    private readonly bool _isOwner;

    public FakeHost()
        : this(Directory.CreateTempSubdirectory("gtc-host-").FullName, isOwner: true)
    {
        Directory.CreateDirectory(PathOf("/etc"));
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n");
        Write("/etc/group", "root:x:0:\n");
    }

    public FakeHost(string root, bool isOwner = false)
    {
        Root = root;
        _isOwner = isOwner;
    }

    public string Root { get; }

    public HashSet<string> Packages { get; } = ["podman"];

    public List<string> Changes { get; } = [];

    /// <summary>Programs that end with an error.</summary>
    public HashSet<string> Broken { get; } = [];

    public bool IsActive { get; private set; }

    public string PathOf(string path) => Root + path;

    public string Read(string path) => File.Exists(PathOf(path)) ? File.ReadAllText(PathOf(path)) : "";

    public void Write(string path, string text) => File.WriteAllText(PathOf(path), text);

    public Task<CommandResult?> RunAsync(string program, string[] words, CancellationToken cancellationToken)
    {
        var line = $"{program} {string.Join(' ', words)}";
        if (program is not ("dpkg-query" or "getsubids" or "getent") && !line.Contains(" is-", StringComparison.Ordinal))
        {
            Changes.Add(line);
        }

        if (Broken.Contains(program))
        {
            return Task.FromResult<CommandResult?>(new(1, "", "no\nluck"));
        }

        return Task.FromResult(program switch
        {
            "dpkg-query" => new CommandResult(Packages.Contains(words[^1]) ? 0 : 1, "install ok installed", ""),
            "apt-get" => Done(() => Packages.UnionWith(words.SkipWhile(word => word != "--no-install-recommends").Skip(1))),
            "useradd" => Done(() => File.AppendAllText(PathOf("/etc/passwd"), string.Create(CultureInfo.InvariantCulture, $"{words[^1]}:x:990:990::/var/lib/{words[^1]}:/usr/sbin/nologin\n"))),
            "loginctl" => Done(() => Touch($"/var/lib/systemd/linger/{words[^1]}")),
            "runuser" when words.Contains("enable") => Done(() => words.SkipWhile(word => word != "--now").Skip(1).ToList().ForEach(unit => Touch($"/var/lib/{words[1]}/.config/systemd/user/default.target.wants/{unit}"))),
            "systemctl" when words[0] is "is-enabled" or "is-active" => new CommandResult(IsActive ? 0 : 1, "", ""),
            "systemctl" when words[0] == "restart" => Done(() => IsActive = true),
            "systemctl" or "chgrp" or "sysctl" or "runuser" => Done(() => { }),
            _ => null,
        });
    }

    public void Dispose()
    {
        if (_isOwner)
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static CommandResult Done(Action act)
    {
        act();
        return new(0, "", "");
    }

    private void Touch(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), "");
    }
}
