using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Agent.Storage;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>What became of a user's subordinate ids.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="IsChanged">True when they were given just now.</param>
/// <param name="Warnings">Overlaps of others, which are not touched.</param>
internal sealed record SubordinateOutcome(long Start, bool IsChanged, ImmutableArray<string> Warnings);

/// <summary>
/// Sees to it that a user has subordinate ids for rootless containers (fleet.md §11.2): what it has is kept; otherwise the lowest free block of both files is taken, chosen and written under one lock.
/// <c>usermod</c> could not be called for it: it would wait for the lock that choosing needs.
/// </summary>
internal sealed class SubordinateIds(ISetupHost host, TimeProvider time)
{
    /// <summary>As many as podman needs.</summary>
    public const long DefaultCount = 65_536;

    private const string Users = "/etc/subuid";
    private const string Groups = "/etc/subgid";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Looks, and gives ids when there are none.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="uid">Its number, by which it may be listed too; null when it is not known yet.</param>
    /// <param name="count">How many ids in a row.</param>
    /// <param name="isDryRun">True to say only what would be done.</param>
    /// <param name="cancellationToken">Ends it before anything is written.</param>
    public async Task<AgentResult<SubordinateOutcome>> EnsureAsync(string user, long? uid, long count, bool isDryRun, CancellationToken cancellationToken)
    {
        if (await FromDirectoryAsync(user, count, cancellationToken) is { } given)
        {
            return new SubordinateOutcome(given, false, []);
        }

        if (isDryRun)
        {
            return Decide(user, uid, count, await AccountsAsync(cancellationToken), out _);
        }

        var accounts = await AccountsAsync(cancellationToken);
        if (!(await ShadowLock.TakeAsync(host.PathOf("/etc"), ["subuid", "subgid"], Patience, time, cancellationToken)).TryGet(out var held, out var busy))
        {
            return busy;
        }

        using (held)
        {
            var decided = Decide(user, uid, count, accounts, out var files);
            if (!decided.TryGet(out var outcome, out _) || !outcome.IsChanged)
            {
                return decided;
            }

            var line = new SubordinateRange(user, outcome.Start, count);
            foreach (var path in files)
            {
                Append(path, line);
            }

            return Verify(line, files) is { } wrong ? wrong : outcome;
        }
    }

    /// <summary>Ranges that a directory service gives: only <c>getsubids</c> knows them.</summary>
    private async Task<long?> FromDirectoryAsync(string user, long count, CancellationToken cancellationToken)
    {
        var users = await GetSubIdsAsync([user], count, cancellationToken);
        return users is not null && await GetSubIdsAsync(["-g", user], count, cancellationToken) is not null ? users : null;
    }

    /// <summary>Lines such as <c>0: ann 100000 65536</c>.</summary>
    private async Task<long?> GetSubIdsAsync(string[] words, long count, CancellationToken cancellationToken)
    {
        if (await host.RunAsync("getsubids", words, cancellationToken) is not { ExitCode: 0 } answer)
        {
            return null;
        }

        var ranges = answer.Output.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length == 4)
            .SelectMany(parts => SubordinateRange.Parse($"{parts[1]}:{parts[2]}:{parts[3]}"));
        return SubordinateRange.FindEnough(ranges, [words[^1]], count)?.Start;
    }

    private AgentResult<SubordinateOutcome> Decide(string user, long? uid, long count, ImmutableArray<SubordinateRange> accounts, out ImmutableArray<string> files)
    {
        var users = SubordinateRange.Parse(Read(Users));
        var groups = SubordinateRange.Parse(Read(Groups));
        var owners = uid is { } number ? new[] { user, number.ToString(CultureInfo.InvariantCulture) } : [user];
        var hasUsers = SubordinateRange.FindEnough(users, owners, count);
        var hasGroups = SubordinateRange.FindEnough(groups, owners, count);
        ImmutableArray<string> warnings = [.. Overlaps(Users, users), .. Overlaps(Groups, groups)];
        files = [];
        if (hasUsers is not null && hasGroups is not null)
        {
            return new SubordinateOutcome(hasUsers.Start, false, warnings);
        }

        var loginDefs = Read("/etc/login.defs");
        var window = SubordinateWindow.Read(loginDefs, "UID").Meet(SubordinateWindow.Read(loginDefs, "GID"));
        if (!SubordinateAllocation.Choose(window, count, [.. users, .. groups, .. accounts, .. Reserved()]).TryGet(out var start, out var full))
        {
            return full;
        }

        // A user that has one half gets the other at a place that is free in both, so that no half is ever shared.
        files = [.. hasUsers is null ? [Users] : Array.Empty<string>(), .. hasGroups is null ? [Groups] : Array.Empty<string>()];
        return new SubordinateOutcome(start, true, warnings);
    }

    private void Append(string path, SubordinateRange line)
    {
        var file = host.PathOf(path);
        var text = Read(path);
        var mode = File.Exists(file) ? File.GetUnixFileMode(file) : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (File.Exists(file))
        {
            // What useradd and usermod leave too.
            DurableFiles.Write(file + "-", Encoding.UTF8.GetBytes(text), mode);
        }

        DurableFiles.Write(file, Encoding.UTF8.GetBytes($"{text}{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{line}\n"), mode);
    }

    private AgentError? Verify(SubordinateRange line, ImmutableArray<string> files)
    {
        foreach (var path in files)
        {
            var ranges = SubordinateRange.Parse(Read(path));
            if (!ranges.Contains(line))
            {
                return new AgentError($"{path} does not have the line {line} that was written; is another program writing it without a lock?");
            }

            if (ranges.FirstOrDefault(other => other.Owner != line.Owner && other.Meets(line)) is { } shared)
            {
                return new AgentError($"{path} has {shared}, which shares ids with {line}; another program wrote it without a lock. Remove the line {line} and run this again");
            }
        }

        return null;
    }

    private static IEnumerable<string> Overlaps(string path, ImmutableArray<SubordinateRange> ranges) =>
        SubordinateAllocation.FindOverlaps(ranges).Take(4).Select(pair => $"{path}: {pair.One} and {pair.Other} share ids; they were not touched");

    /// <summary>Ids of accounts, which must not be given to containers. Those of a directory are asked for where the host can be.</summary>
    private async Task<ImmutableArray<SubordinateRange>> AccountsAsync(CancellationToken cancellationToken) =>
    [
        .. Ids(await host.RunAsync("getent", ["passwd"], cancellationToken) is { ExitCode: 0 } users ? users.Output : Read("/etc/passwd")),
        .. Ids(await host.RunAsync("getent", ["group"], cancellationToken) is { ExitCode: 0 } groups ? groups.Output : Read("/etc/group")),
    ];

    private static IEnumerable<SubordinateRange> Ids(string text) =>
        from line in text.Split('\n')
        let parts = line.Split(':')
        where parts.Length >= 3 && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select new SubordinateRange($"account {parts[0]}", long.Parse(parts[2], CultureInfo.InvariantCulture), 1);

    /// <summary>Ranges that the storage of root's containers is mapped to: <c>remap-uids = "0:1668442479:65536"</c>.</summary>
    private IEnumerable<SubordinateRange> Reserved()
    {
        foreach (var line in Read("/etc/containers/storage.conf").Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("remap-uids", StringComparison.Ordinal) || line.StartsWith("remap-gids", StringComparison.Ordinal)))
        {
            foreach (var part in line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Split((char[])['"', ',', ' '], StringSplitOptions.RemoveEmptyEntries))
            {
                if (part.Split(':') is [_, var start, var count])
                {
                    foreach (var range in SubordinateRange.Parse($"storage.conf:{start}:{count}"))
                    {
                        yield return range;
                    }
                }
            }
        }
    }

    private string Read(string path)
    {
        var file = host.PathOf(path);
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }
}
