using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class An_inbox_keeps_what_it_took : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-inbox-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_not_done_comes_back_as_far_as_it_got()
    {
        await using (var inbox = Open())
        {
            var taken = await TakeAsync(inbox, Item("1"), Item("2"), Item("3"));
            taken.Items.Select(item => item.Id).ShouldBe([1, 2, 3]);
            await inbox.NoteAsync(new(1, [JsonElement.Parse("""{"text":"a"}"""), JsonElement.Parse("""{"text":"b"}""")], 0, IsDone: false));
            await inbox.NoteAsync(new(1, null, 1, IsDone: false));
            await inbox.NoteAsync(new(2, null, 0, IsDone: true));
        }

        await using var next = Open();
        next.Unanswered.Select(item => item.Key).ShouldBe(["1", "3"]);
        next.Unanswered[0].Sent.ShouldBe(1);
        next.Unanswered[0].Replies!.Value.Select(reply => reply.GetProperty("text").GetString()).ShouldBe(["a", "b"]);
        next.Unanswered[1].Replies.ShouldBeNull();
        (await TakeAsync(next, Item("4"))).Items.Single().Id.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_is_taken_once_also_by_the_next_process_and_after_it_is_done()
    {
        await using (var inbox = Open())
        {
            var both = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => TakeAsync(inbox, Item("same"))));
            both.Count(taken => taken.Items.Length == 1).ShouldBe(1);
            both.ShouldAllBe(taken => taken.Refusal == null);
            await inbox.NoteAsync(new(1, null, 0, IsDone: true));
        }

        await using var next = Open();
        (await TakeAsync(next, Item("same"))).Items.ShouldBeEmpty();
        (await TakeAsync(next, Item(null), Item(null))).Items.Length.ShouldBe(2);
    }

    [Fact]
    public async Task It_says_how_many_processes_began_a_message_and_were_gone()
    {
        var copy = Path.Combine(_folder, "killed.log");
        await using (var inbox = Open())
        {
            await TakeAsync(inbox, Item("1"), Item("2"), Item("3"));
            foreach (var id in (long[])[1, 1, 2])
            {
                (await inbox.BeginAsync(id)).ShouldBeNull();
            }

            await inbox.NoteAsync(new(2, [], 0, IsDone: true));
            (await inbox.BeginAsync(2)).ShouldBeNull();

            // What a process leaves that is killed now.
            File.Copy(PathOfInbox, copy);
        }

        await using (var ended = Open())
        {
            ended.Unanswered.Select(item => (item.Key, item.Begun)).ShouldBe([("1", 0), ("3", 0)], "it ended in order");
        }

        await using var killed = Inbox.Open(copy, RandomNumberGenerator.Fill).Value;
        killed.Unanswered.Select(item => (item.Key, item.Begun)).ShouldBe([("1", 1), ("3", 0)]);
        await killed.BeginAsync(1);
        File.Copy(copy, PathOfInbox, overwrite: true);
        await using var again = Open();
        again.Unanswered.Select(item => (item.Key, item.Begun)).ShouldBe([("1", 2), ("3", 0)]);
    }

    [Fact]
    public void The_name_of_a_chat_is_bounded_however_its_writer_calls_it()
    {
        var (longest, longer, other) = (Item("1") with { Hint = new string('x', 256) }, Item("1") with { Hint = new string('x', 1 << 20) }, Item("1") with { Hint = new string('ä', 129) });
        longest.Lane.ShouldEndWith("/" + longest.Hint);
        longer.Lane.Length.ShouldBeLessThan(200);
        other.Lane.Length.ShouldBeLessThan(200);
        longer.Lane.ShouldBe((Item("2") with { Hint = longer.Hint }).Lane);
        longer.Lane.ShouldNotBe(other.Lane);
        (Item("1") with { Hint = null, Envelope = JsonElement.Parse($$"""{"session_id":"{{longer.Hint}}"}""") }).Lane.ShouldBe(longer.Lane);
    }

    [Fact]
    public async Task It_takes_no_more_than_it_can_hold()
    {
        await using var inbox = Open();
        var many = Enumerable.Range(0, Inbox.MaxWaiting).Select(number => Item($"{number}")).ToArray();
        (await TakeAsync(inbox, [.. many])).Items.Length.ShouldBe(Inbox.MaxWaiting);

        (await TakeAsync(inbox, Item("one too many"))).Refusal!.Message.ShouldBe("the inbox is full");
        (await TakeAsync(inbox, many[0])).Refusal.ShouldBeNull();

        await inbox.NoteAsync(new(1, null, 0, IsDone: true));
        (await TakeAsync(inbox, Item("one too many"))).Items.Length.ShouldBe(1);
    }

    [Fact]
    public async Task Its_file_does_not_grow_with_what_is_done()
    {
        var large = new string('x', 1 << 20);
        await using (var inbox = Open())
        {
            for (var i = 1; i <= 40; i++)
            {
                await TakeAsync(inbox, Item($"{i}", large));
                await inbox.NoteAsync(new(i, null, 0, IsDone: i != 7));
            }
        }

        new FileInfo(PathOfInbox).Length.ShouldBeLessThan(16 << 20);
        await using var next = Open();
        next.Unanswered.Select(item => item.Id).ShouldBe([7]);
        (await TakeAsync(next, Item("1"))).Items.ShouldBeEmpty();
    }

    private string PathOfInbox => Path.Combine(_folder, "inbox.log");

    private Inbox Open() => Inbox.Open(PathOfInbox, RandomNumberGenerator.Fill).Value;

    private static Task<Taken> TakeAsync(Inbox inbox, params ImmutableArray<InboxItem> items) => inbox.TakeAsync(items, TestContext.Current.CancellationToken);

    private static InboxItem Item(string? key, string text = "hi") => new()
    {
        Id = 0,
        Key = key,
        Deployment = new DeploymentId(Ulid.From(DateTimeOffset.UnixEpoch, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
        Revision = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2])),
        ProviderType = "messaging.telegram.bot",
        Hint = "telegram:1",
        Envelope = JsonElement.Parse($$"""{"id":"i","channel":"c","session_id":"s","text":"{{text}}"}"""),
    };
}
