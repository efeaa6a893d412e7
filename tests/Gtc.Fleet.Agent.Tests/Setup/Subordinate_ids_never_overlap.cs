using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Fleet.Agent.Setup;

namespace Gtc.Fleet.Agent.Tests.Setup;

public sealed class Subordinate_ids_never_overlap
{
    private const string RootVariable = "GTC_TEST_SUBID_ROOT";
    private const string NameVariable = "GTC_TEST_SUBID_NAME";
    private const int UsersOfAProcess = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", "", 131072)]
    [InlineData("ann:131072:65536\n", "", "", 196608)]
    [InlineData("", "ann:131072:65536\n", "", 196608)]
    [InlineData("ann:100000:65536\n", "ann:100000:65536\n", "", 196608)]
    [InlineData("# a comment\n\nann:131072:65536\nbob:262144:65536", "", "", 196608)]
    [InlineData("ann:131072:1\n", "", "", 196608)]
    [InlineData("ann:196607:2\n", "", "", 262144)]
    [InlineData("broken\nann:x:y\nann:131072:0\n", "", "", 131072)]
    [InlineData("a:131072:500000\nb:140000:10\n", "", "", 655360)]
    [InlineData("", "", "SUB_UID_MIN 400000\n# SUB_UID_MAX 1\nSUB_GID_MIN\t 200000\n", 458752)]
    [InlineData("1234:131072:65536\n", "", "", 196608)]
    public async Task The_lowest_block_that_is_free_in_both_files_is_given(string users, string groups, string loginDefs, long expected)
    {
        using var host = new FakeHost();
        host.Write("/etc/subuid", users);
        host.Write("/etc/subgid", groups);
        host.Write("/etc/login.defs", loginDefs);

        var given = (await EnsureAsync(host, "fleet-agent")).Value;
        given.Start.ShouldBe(expected);
        given.IsChanged.ShouldBeTrue();
        host.Read("/etc/subuid").ShouldEndWith($"\nfleet-agent:{expected}:65536\n".TrimStart(users.Length == 0 ? '\n' : ' '));
        host.Read("/etc/subuid").ShouldStartWith(users);
        host.Read("/etc/subgid").ShouldStartWith(groups);
        host.Read("/etc/subuid-").ShouldBe(users);
        Directory.GetFiles(host.PathOf("/etc"), "*.lock*").Select(Path.GetFileName).ShouldBe([".pwd.lock"]);

        var again = (await EnsureAsync(host, "fleet-agent")).Value;
        again.IsChanged.ShouldBeFalse("a second time changes nothing");
        again.Start.ShouldBe(expected);
    }

    [Theory]
    [InlineData("fleet-agent:131072:65536\n")]
    [InlineData("990:131072:65536\n")]
    [InlineData("fleet-agent:131072:40000\nfleet-agent:171072:40000\n")]
    public async Task What_the_user_has_is_kept(string lines)
    {
        using var host = new FakeHost();
        host.Write("/etc/subuid", lines);
        host.Write("/etc/subgid", lines);

        (await EnsureAsync(host, "fleet-agent")).Value.IsChanged.ShouldBeFalse();
        host.Read("/etc/subuid").ShouldBe(lines);
    }

    [Fact]
    public async Task Accounts_and_roots_own_containers_are_occupants_too()
    {
        using var host = new FakeHost();
        host.Write("/etc/passwd", "far:x:131073:131073::/:/bin/sh\n");
        host.Write("/etc/group", "far:x:200000:\n");
        Directory.CreateDirectory(host.PathOf("/etc/containers"));
        host.Write("/etc/containers/storage.conf", "[storage.options]\nremap-uids = \"0:262144:65536\"\n# remap-gids = \"0:327680:65536\"\n");

        (await EnsureAsync(host, "fleet-agent")).Value.Start.ShouldBe(327680);
    }

    [Fact]
    public async Task A_full_window_names_its_occupants_and_nothing_is_written()
    {
        using var host = new FakeHost();
        host.Write("/etc/login.defs", "SUB_UID_MAX 300000\n");
        host.Write("/etc/subuid", "ann:100000:300000\n");

        var error = (await EnsureAsync(host, "fleet-agent")).Error.ShouldNotBeNull();
        error.Message.ShouldContain("ann:100000:300000");
        host.Read("/etc/subuid").ShouldBe("ann:100000:300000\n");
    }

    [Fact]
    public async Task Strangers_that_overlap_are_told_and_not_repaired()
    {
        using var host = new FakeHost();
        host.Write("/etc/subuid", "ann:131072:65536\nbob:150000:65536\n");

        var given = (await EnsureAsync(host, "fleet-agent")).Value;
        given.Warnings.ShouldHaveSingleItem().ShouldContain("ann:131072:65536 and bob:150000:65536");
        given.Start.ShouldBe(262144);
        host.Read("/etc/subuid").ShouldStartWith("ann:131072:65536\nbob:150000:65536\n");
    }

    [Fact]
    public async Task A_lock_of_a_process_that_is_gone_is_taken_over_and_one_that_lives_is_waited_for()
    {
        using var host = new FakeHost();
        host.Write("/etc/subuid.lock", "4999999\0");
        (await EnsureAsync(host, "fleet-agent")).Value.IsChanged.ShouldBeTrue();

        host.Write("/etc/subgid.lock", $"{Environment.ProcessId}\0");
        var taken = await ShadowLock.TakeAsync(host.PathOf("/etc"), ["subuid", "subgid"], TimeSpan.Zero, TimeProvider.System, Token);
        taken.Error.ShouldNotBeNull().Message.ShouldContain("subgid.lock");
        File.Exists(host.PathOf("/etc/subuid.lock")).ShouldBeFalse("what was taken already is given back");
    }

    [Fact]
    public void No_two_users_ever_share_an_id()
    {
        var range = from start in Gen.Choose(0, 40) from count in Gen.Choose(1, 9) select new SubordinateRange($"u{start}", start * 8, count * 5);
        Prop.ForAll(Gen.ListOf(range).ToArbitrary(), Gen.Choose(1, 64).ToArbitrary(), (ranges, count) =>
        {
            ImmutableArray<SubordinateRange> occupied = [.. ranges];
            var window = new SubordinateWindow(50, 700);
            var chosen = SubordinateAllocation.Choose(window, count, occupied);
            var expected = Enumerable.Range(0, 800).Select(block => (long)block * count)
                .FirstOrDefault(start => start >= window.First && start + count - 1 <= window.Last && !occupied.Any(other => other.Meets(new("", start, count))), -1);
            return expected < 0 ? chosen.Error is not null : chosen.Error is null && chosen.Value == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Several_processes_at_once_give_everybody_ids_of_their_own()
    {
        using var host = new FakeHost();
        host.Write("/etc/subuid", "");
        host.Write("/etc/subgid", "ann:131072:65536\n");
        var processes = Enumerable.Range(0, 3).Select(number =>
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"*{nameof(Subordinate_ids_never_overlap)}.{nameof(As_one_of_several_processes)}"]) { RedirectStandardOutput = true };
            start.Environment[RootVariable] = host.Root;
            start.Environment[NameVariable] = string.Create(CultureInfo.InvariantCulture, $"p{number}");
            return Process.Start(start)!;
        }).ToList();
        foreach (var process in processes)
        {
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            process.ExitCode.ShouldBe(0, output);
            process.Dispose();
        }

        var users = SubordinateRange.Parse(host.Read("/etc/subuid"));
        var groups = SubordinateRange.Parse(host.Read("/etc/subgid"));
        users.Length.ShouldBe(3 * UsersOfAProcess);
        users.Select(range => range.Owner).Distinct().Count().ShouldBe(3 * UsersOfAProcess);
        groups.Where(range => range.Owner != "ann").ShouldBe(users, ignoreOrder: true);
        SubordinateAllocation.FindOverlaps(users).ShouldBeEmpty();
        SubordinateAllocation.FindOverlaps(groups).ShouldBeEmpty();
    }

    /// <summary>What each process of the test above does; on its own it has nothing to do.</summary>
    [Fact(Explicit = true)]
    public async Task As_one_of_several_processes()
    {
        using var host = new FakeHost(Environment.GetEnvironmentVariable(RootVariable)!);
        for (var user = 0; user < UsersOfAProcess; user++)
        {
            (await EnsureAsync(host, $"{Environment.GetEnvironmentVariable(NameVariable)}-{user}")).Value.IsChanged.ShouldBeTrue();
        }
    }

    private static Task<AgentResult<SubordinateOutcome>> EnsureAsync(FakeHost host, string user) =>
        new SubordinateIds(host, TimeProvider.System).EnsureAsync(user, 990, SubordinateIds.DefaultCount, isDryRun: false, Token);
}
