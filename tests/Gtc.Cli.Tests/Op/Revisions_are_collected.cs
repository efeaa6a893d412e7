using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class Revisions_are_collected
{
    [Fact]
    public async Task Beyond_those_to_keep_with_their_folders()
    {
        using var cli = new TestCli();
        var revisions = await ArchivedAsync(cli, 3);
        var ready = await StageAsync(cli);
        var dry = await cli.OpAsync("revisions gc --keep 1 --dry-run");
        Ids(dry, "removed_revision_ids").ShouldBe(revisions[..2]);
        Folders(cli).ShouldBe([.. revisions, ready], "a dry run deletes nothing");
        var collected = await cli.OpAsync("revisions gc --keep 1");
        Ids(collected, "removed_revision_ids").ShouldBe(revisions[..2]);
        Ids(collected, "deleted_folders").ShouldBe(revisions[..2]);
        collected.GetProperty("freed_bytes").GetInt64().ShouldBe(dry.GetProperty("freed_bytes").GetInt64());
        collected.GetProperty("freed_bytes").GetInt64().ShouldBeGreaterThan(0);
        Folders(cli).ShouldBe([revisions[2], ready]);
        Documented(await Staged.DocumentAsync(cli)).ShouldBe([revisions[2], ready]);
        var again = await cli.OpAsync("revisions gc --keep 1");
        Ids(again, "removed_revision_ids").ShouldBeEmpty();
        Ids(again, "deleted_folders").ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_number_only_folders_that_no_revision_needs()
    {
        using var cli = new TestCli();
        var revisions = await ArchivedAsync(cli, 2);
        const string Orphan = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        Directory.CreateDirectory(Path.Combine(cli.StoreRoot, "local", "revisions", Orphan, "bundle"));
        Directory.CreateDirectory(Path.Combine(cli.StoreRoot, "local", "revisions", "notes"));
        var collected = await cli.OpAsync("revisions gc");
        collected.GetProperty("keep").ValueKind.ShouldBe(JsonValueKind.Null);
        Ids(collected, "deleted_folders").ShouldBe([Orphan]);
        Folders(cli).ShouldBe([.. revisions, "notes"]);
    }

    [Fact]
    public async Task The_newest_is_not_forgotten_so_that_its_number_is_not_given_twice_but_its_folder_goes()
    {
        using var cli = new TestCli();
        var revisions = await ArchivedAsync(cli, 2);
        var collected = await cli.OpAsync("revisions gc --keep 0");
        Ids(collected, "removed_revision_ids").ShouldBe(revisions[..1]);
        Ids(collected, "deleted_folders").ShouldBe(revisions);
        Folders(cli).ShouldBeEmpty();
        var next = await cli.OpAsync("revisions stage bundle_path=main.gtbundle");
        next.GetProperty("sequence").GetInt32().ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_interrupted_run_left_is_deleted_by_the_next(bool wasMoved)
    {
        using var cli = new TestCli();
        var revisions = await ArchivedAsync(cli, 2);
        var folder = Path.Combine(cli.StoreRoot, "local", "revisions", revisions[0]);
        var copy = Path.Combine(cli.Folder, "copy");
        CopyTree(folder, copy);
        await cli.OpAsync("revisions gc --keep 1");
        Folders(cli).ShouldBe([revisions[1]]);
        // The process died after the commit: before anything was deleted, or when the folder was on its way out.
        CopyTree(copy, wasMoved ? folder + ".new" : folder);
        var collected = await cli.OpAsync("revisions gc --keep 1");
        Ids(collected, "deleted_folders").ShouldBe(wasMoved ? [] : [revisions[0]]);
        Folders(cli).ShouldBe([revisions[1]]);
    }

    [Fact]
    public async Task A_removed_deployment_leaves_folders_until_then()
    {
        using var cli = new TestCli();
        var revisions = await ArchivedAsync(cli, 1);
        await cli.OpAsync("bundles remove --deployment main");
        Folders(cli).ShouldBe(revisions);
        Ids(await cli.OpAsync("revisions gc"), "deleted_folders").ShouldBe(revisions);
        Folders(cli).ShouldBeEmpty();
    }

    [Fact]
    public async Task Never_the_folder_of_a_revision_that_is_being_staged()
    {
        using var cli = new TestCli();
        await ArchivedAsync(cli, 1);
        using var other = new TestCli();
        other.SetVariable("HOME", cli.Folder);
        other.Time.Advance(TimeSpan.FromDays(1));
        for (var round = 0; round < 20; round++)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            other.Time.Advance(TimeSpan.FromSeconds(1));
            var staging = Task.Run(() => cli.OpAsync("revisions stage bundle_path=main.gtbundle"), TestContext.Current.CancellationToken);
            var collecting = Task.Run(() => other.RunAsync($"op revisions gc --keep 0 --store-root {cli.StoreRoot}"), TestContext.Current.CancellationToken);
            var revision = (await staging).GetProperty("revision_id").GetString()!;
            (await collecting).Exit.ShouldBe(0, (await collecting).Stderr);
            File.Exists(Path.Combine(cli.StoreRoot, "local", "revisions", revision, "pack-list.lock")).ShouldBeTrue($"round {round}");
        }
    }

    [Fact]
    public async Task An_environment_that_does_not_exist_is_not_made_by_it()
    {
        using var cli = new TestCli();
        (await Staged.RefusedAsync(cli, "revisions gc absent --keep 1")).Kind.ShouldBe("not-found");
        Directory.Exists(Path.Combine(cli.StoreRoot, "absent")).ShouldBeFalse();
    }

    private static async Task<string[]> ArchivedAsync(TestCli cli, int count)
    {
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var revisions = new string[count];
        for (var index = 0; index < count; index++)
        {
            revisions[index] = await StageAsync(cli);
            await cli.OpAsync($"revisions archive --revision {revisions[index]}");
        }

        return revisions;
    }

    private static async Task<string> StageAsync(TestCli cli)
    {
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        return (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString()!;
    }

    private static string[] Ids(JsonElement result, string member) => [.. result.GetProperty(member).EnumerateArray().Select(id => id.GetString()!)];

    private static string[] Documented(JsonElement document) =>
        [.. document.GetProperty("revisions").EnumerateArray().Select(revision => revision.GetProperty("revision_id").GetString()!)];

    private static string[] Folders(TestCli cli) =>
        [.. Directory.GetDirectories(Path.Combine(cli.StoreRoot, "local", "revisions")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }
}
