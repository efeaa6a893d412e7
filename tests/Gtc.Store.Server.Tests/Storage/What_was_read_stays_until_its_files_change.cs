using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server.Tests.Storage;

/// <summary>Reads of the file engine are kept, and nobody tells them of changes.</summary>
public sealed class What_was_read_stays_until_its_files_change
{
    private static readonly EnvId Env = EnvId.TryParse("shop-eu", out var id) ? id : default;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_read_once_while_nothing_changes()
    {
        await using var lab = new FileLab();
        await using (var storage = await lab.OpenAsync())
        {
            await RenameAsync(storage, "first");
        }

        await using var reader = await lab.OpenAsync();
        Age(lab);
        var first = (await reader.ReadAsync(Env, null, Token)).Value;
        (await reader.ReadAsync(Env, null, Token)).Value.ShouldBeSameAs(first);
        (await reader.ReadAsync(Env, 1, Token)).Value.ShouldBeSameAs(first);
    }

    [Fact]
    public async Task Files_that_may_still_change_within_the_same_tick_are_read_again()
    {
        await using var lab = new FileLab();
        await using var storage = await lab.OpenAsync();
        await RenameAsync(storage, "first");
        foreach (var file in Files(lab))
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));
        }

        var first = (await storage.ReadAsync(Env, null, Token)).Value;
        (await storage.ReadAsync(Env, null, Token)).Value.ShouldNotBeSameAs(first);
    }

    [Fact]
    public async Task A_change_of_this_server_and_one_beside_it_are_seen_by_the_next_read()
    {
        await using var lab = new FileLab();
        await using var storage = await lab.OpenAsync();
        await RenameAsync(storage, "0");
        for (var change = 1; change <= 60; change++)
        {
            // Whoever changes files that are old leaves other times; every second change finds the environment kept.
            if (change % 2 == 0)
            {
                Age(lab);
            }

            await storage.ReadAsync(Env, null, Token);
            var name = change.ToString(CultureInfo.InvariantCulture);
            if (change % 3 == 0)
            {
                await RenameAsync(storage, name);
            }
            else
            {
                await using var beside = FileEnvironmentStorage.OpenBeside(lab.Data, TimeProvider.System, RandomNumberGenerator.Fill, static _ => { });
                await RenameAsync(beside, name);
            }

            (await storage.ReadAsync(Env, null, Token)).Value.ShouldSatisfyAllConditions(
                read => read.Document.Name.ShouldBe(name), read => read.Generation.ShouldBe((ulong)change + 1), read => read.Etag.ShouldBe(StoredEnvironment.EtagOf(read.Document)));
        }
    }

    [Fact]
    public async Task No_read_is_behind_a_change_that_was_answered_before_it_began()
    {
        const int Changes = 200;
        await using var lab = new FileLab();
        await using var storage = await lab.OpenAsync();
        await RenameAsync(storage, "0");
        var (answered, isOver) = (1L, false);
        TaskCompletionSource[] begun = [.. Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        var reading = begun.Select(first => Task.Run(
            async () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    var least = (ulong)Volatile.Read(ref answered);
                    var read = (await storage.ReadAsync(Env, null, Token)).Value;
                    read.Generation.ShouldBeGreaterThanOrEqualTo(least);
                    read.Document.EnvGeneration.ShouldBe(read.Generation);
                    first.TrySetResult();

                    // Reading files waits for nothing: the threads are shared with who writes.
                    await Task.Yield();
                }
            },
            Token)).ToList();
        var writing = Task.Run(
            async () =>
            {
                await Task.WhenAll(begun.Select(first => first.Task));
                for (var change = 1; change <= Changes; change++)
                {
                    await RenameAsync(storage, change.ToString(CultureInfo.InvariantCulture));
                    Volatile.Write(ref answered, change + 1);

                    // Now and then the files grow old, so that what is read is kept when the next change comes.
                    if (change % 20 == 0)
                    {
                        Age(lab);
                        while (!ReferenceEquals((await storage.ReadAsync(Env, null, Token)).Value, (await storage.ReadAsync(Env, null, Token)).Value))
                        {
                            Age(lab);
                        }
                    }
                }
            },
            Token);
        await Task.WhenAny([writing, .. reading]);
        Volatile.Write(ref isOver, true);
        Array.ForEach(begun, first => first.TrySetResult());
        await Task.WhenAll([writing, .. reading]);
    }

    [Fact]
    public async Task An_edit_by_hand_and_an_end_are_seen()
    {
        await using var lab = new FileLab();
        await using (var storage = await lab.OpenAsync())
        {
            await RenameAsync(storage, "typed");
        }

        await using var reader = await lab.OpenAsync();
        Age(lab);
        (await reader.ReadAsync(Env, null, Token)).Value.Document.Name.ShouldBe("typed");
        var document = new EnvironmentLayout(Env, Path.Combine(lab.Data, Env.ToString())).Document;
        await File.WriteAllTextAsync(document, (await File.ReadAllTextAsync(document, Token)).Replace("typed", "by hand", StringComparison.Ordinal), Token);
        (await reader.ReadAsync(Env, null, Token)).Value.Document.Name.ShouldBe("by hand");
        Directory.Delete(Path.GetDirectoryName(document)!, recursive: true);
        (await reader.ReadAsync(Env, null, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public async Task One_that_was_made_while_it_was_read_is_not_kept_beyond_its_end()
    {
        await using var lab = new FileLab();
        var layout = new StoreLayout(lab.Data);
        var isMade = false;
        var newest = new NewestInFiles(layout, async (id, stop) =>
        {
            await using var beside = FileEnvironmentStorage.OpenBeside(lab.Data, TimeProvider.System, RandomNumberGenerator.Fill, static _ => { });
            if (!isMade)
            {
                isMade = true;
                await RenameAsync(beside, "made meanwhile");
            }

            return (await beside.ReadAsync(id, null, stop)).Then<EnvironmentDocument>(stored => stored.Document);
        });
        (await newest.ReadAsync(Env, Token)).Value.Document.Name.ShouldBe("made meanwhile");
        Directory.Delete(layout.Environment(Env).Folder, recursive: true);
        (await newest.ReadAsync(Env, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public async Task A_folder_that_is_taken_away_while_it_is_looked_at_is_absent()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-stamp-").FullName;
        var layout = new EnvironmentLayout(Env, Path.Combine(folder, "there"));
        Directory.CreateDirectory(layout.Journal);
        var segment = Path.Combine(layout.Journal, "1.log");
        await File.WriteAllTextAsync(segment, "x", Token);
        var (elsewhere, isOver) = (Path.Combine(folder, "elsewhere"), false);
        using var begun = new ManualResetEventSlim();
        var moving = Task.Run(
            () =>
            {
                for (var isThere = true; !Volatile.Read(ref isOver) || !isThere; isThere = !isThere)
                {
                    Directory.Move(isThere ? layout.Folder : elsewhere, isThere ? elsewhere : layout.Folder);
                    begun.Set();
                }
            },
            Token);
        begun.Wait(Token);
        for (var look = 0; look < 30_000; look++)
        {
            (FilesStamp.Take(layout, null).Segment ?? segment).ShouldBe(segment);
        }

        Volatile.Write(ref isOver, true);
        await moving;
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0, 2000, false)]
    [InlineData(0, 2200, true)]
    [InlineData(1, 90, false)]
    [InlineData(1, 200, true)]
    public void Of_a_time_whole_seconds_may_be_all_that_is_kept(int milliseconds, int later, bool isSettled)
    {
        var written = new DateTime(2026, 11, 20, 14, 2, 3, milliseconds, DateTimeKind.Utc);
        var now = new DateTimeOffset(written).AddMilliseconds(later);
        (FilesStamp.Absent with { Document = (written, 1) }).IsSettledAt(now).ShouldBe(isSettled);
        (FilesStamp.Absent with { Journal = written }).IsSettledAt(now).ShouldBe(isSettled);
        (FilesStamp.Absent with { Records = (written, 1) }).IsSettledAt(now).ShouldBe(isSettled);
    }

    private static IEnumerable<string> Files(FileLab lab) => Directory.EnumerateFiles(Path.Combine(lab.Data, Env.ToString()), "*", SearchOption.AllDirectories);

    private static void Age(FileLab lab)
    {
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);
        foreach (var file in Files(lab))
        {
            File.SetLastWriteTimeUtc(file, old);
        }

        Directory.SetLastWriteTimeUtc(Path.Combine(lab.Data, Env.ToString(), "journal"), old);
    }

    private static async Task RenameAsync(IEnvironmentStorage storage, string name)
    {
        var request = new ChangeRequest
        {
            Environment = Env,
            Noun = "env",
            Verb = "update",
            Target = new JsonObject { ["environment_id"] = Env.ToString() },
            Key = name,
            Fingerprint = name,
            Actor = new AuditActor("test"),
            Authorization = new AuditAuthorization("allow", "test", "a test may"),
        };
        (await storage.CommitAsync(request, context => new Change(ChangeAnswer.Of(JsonSerializer.SerializeToElement(true)))
        {
            Document = context.Current is { } present ? present with { Name = name } : EnvironmentVerbs.CreateNamed(Env, name, new HostConfig { EnvId = Env }).Value,
        }, Token)).IsOk.ShouldBeTrue();
    }
}
