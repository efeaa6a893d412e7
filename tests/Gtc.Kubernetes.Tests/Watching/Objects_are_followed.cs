namespace Gtc.Kubernetes.Tests.Watching;

public partial class Objects_are_followed
{
    private const string Root = "/api/v1/namespaces/n/configmaps";
    private static readonly KubeScope Scope = new(KubeKind.Of("v1", "ConfigMap")!) { Namespace = "n" };

    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);

    private readonly WatchClock _clock = new();

    private static string First => $"{Root}?limit=500";

    [Fact]
    public async Task A_list_comes_first_then_a_watch_from_its_version_and_bookmarks_move_where_the_next_one_begins()
    {
        await using var api = new RawApi((asked, number, answer) => number switch
        {
            0 => answer.ListAsync("5", "more of it", "a"),
            1 => answer.ListAsync("5", "", "b"),
            2 => PlayAsync(answer, ("ADDED", "c", "6"), ("MODIFIED", "a", "7"), ("DELETED", "b", "8"), ("BOOKMARK", "", "12")),
            _ => PlayAsync(answer, ("ADDED", "d", "13")),
        });
        (await SeeAsync(api, Scope, 10)).ShouldBe(["listing", "n/a", "n/b", "synced 5", "n/c 6", "n/a 7", "gone n/b 8", "moved 12", "interrupted", "n/d 13"]);
        api.Asked.ShouldBe([First, $"{First}&continue=more%20of%20it", From("5"), From("12")]);
    }

    [Fact]
    public async Task A_watch_that_was_open_as_long_as_it_was_asked_to_be_goes_on_without_a_pause()
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            await answer.EventAsync("ADDED", $"o{number}", $"{5 + number}");
            _clock.Advance(TimeSpan.FromSeconds(290));
            await answer.EndAsync();
        });
        (await SeeAsync(api, Scope, 5)).ShouldBe(["listing", "synced 5", "n/o1 6", "n/o2 7", "n/o3 8"]);
        _clock.Pauses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public async Task One_that_is_cut_while_it_is_of_use_is_taken_up_at_once(int seconds, bool isAtOnce)
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            await answer.EventAsync("ADDED", $"o{number}", $"{5 + number}");
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            await answer.EndAsync();
        });
        (await SeeAsync(api, Scope, isAtOnce ? 5 : 4)).ShouldBe(isAtOnce ? ["listing", "synced 5", "n/o1 6", "n/o2 7", "n/o3 8"] : ["listing", "synced 5", "n/o1 6", "interrupted"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_that_the_server_has_forgotten_leads_to_a_list_and_what_went_meanwhile_is_told(bool isInTheStream)
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            switch (number)
            {
                case 0:
                    await answer.ListAsync("5", "", "a", "b", "c");
                    break;
                case 1 when isInTheStream:
                    await answer.BeginAsync();
                    await answer.ChunkAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}""" + "\n");
                    break;
                case 1:
                    await answer.WholeAsync("""{"kind":"Status","code":410}""", 410);
                    break;
                case 2:
                    await answer.ListAsync("90", "", "b", "d");
                    break;
                default:
                    await PlayAsync(answer, ("ADDED", "e", "91"));
                    break;
            }
        });
        (await SeeAsync(api, Scope, 12)).ShouldBe(["listing", "n/a", "n/b", "n/c", "synced 5", "interrupted", "listing", "n/b", "n/d", "gone n/a", "gone n/c", "synced 90"]);
        api.Asked.Take(3).ShouldBe([First, From("5"), First]);
    }

    [Fact]
    public async Task A_list_whose_rest_was_forgotten_is_begun_again_and_what_was_told_of_it_is_taken_back()
    {
        await using var api = new RawApi((_, number, answer) => number switch
        {
            0 => answer.ListAsync("5", "rest", "a", "b"),
            1 => answer.WholeAsync("""{"message":"The provided continue parameter is too old"}""", 410),
            _ => answer.ListAsync("8", "", "b"),
        });
        (await SeeAsync(api, Scope, 8)).ShouldBe(["listing", "n/a", "n/b", "interrupted", "listing", "n/b", "gone n/a", "synced 8"]);
    }

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"na""", "middle|ended|prematurely")]
    [InlineData("<html>\n", "no event")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""" + "\n", "no event")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"resourceVersion":"9"}}}""" + "\n", "no event")]
    [InlineData("""{"type":"RENAMED","object":{"metadata":{"name":"a","resourceVersion":"9"}}}""" + "\n", "no event")]
    [InlineData("[]\n", "no event")]
    [InlineData("", "ended|prematurely")]
    public async Task A_connection_that_breaks_or_tells_nonsense_is_taken_up_where_it_was(string last, string said)
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            switch (number)
            {
                case 0:
                    await answer.ListAsync("5", "");
                    break;
                case 1:
                    await answer.BeginAsync();
                    await answer.EventAsync("ADDED", "a", "6");
                    await (last.Length == 0 ? Task.CompletedTask : answer.ChunkAsync(last));
                    break;
                default:
                    await PlayAsync(answer, ("MODIFIED", "a", "7"));
                    break;
            }
        });
        var interrupted = (await ChangesAsync(api, Scope, 5)).OfType<WatchChange.Interrupted>().Single();
        interrupted.Error.Kind.ShouldBe(KubeErrorKind.Unavailable);
        said.Split('|').ShouldContain(word => interrupted.Error.Message.Contains(word, StringComparison.Ordinal), interrupted.Error.Message);
        api.Asked.Last().ShouldBe(From("6"));
    }

    [Fact]
    public async Task An_event_without_end_is_given_up()
    {
        var flood = new string('x', 1024 * 1024);
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            while (true)
            {
                await answer.ChunkAsync(flood);
            }
        });
        (await ChangesAsync(api, Scope, 3))[^1].ShouldBeOfType<WatchChange.Interrupted>().Error.Message.ShouldContain("larger than 16777216 bytes");
    }

    [Fact]
    public async Task Bytes_may_come_one_by_one_and_events_many_at_a_time()
    {
        const string Events = """
            {"type":"ADDED","object":{"metadata":{"name":"ä","namespace":"n","resourceVersion":"6"}}}
            {"type":"ADDED","object":{"metadata":{"name":"b","namespace":"n","resourceVersion":"7"}}}

            """;
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            foreach (var letter in Events)
            {
                await answer.ChunkAsync($"{letter}");
            }

            await answer.ChunkAsync(Events);
            await answer.HoldAsync();
        });
        (await SeeAsync(api, Scope, 6)).ShouldBe(["listing", "synced 5", "n/ä 6", "n/b 7", "n/ä 6", "n/b 7"]);
    }

    [Fact]
    public void Pauses_are_spread_by_a_quarter_to_both_sides_and_are_no_shorter_than_the_server_wishes()
    {
        new WatchBackoff(() => 0).Next(null, HalfAMinute).ShouldBe(TimeSpan.FromSeconds(0.6));
        new WatchBackoff(() => 0.999999).Next(null, HalfAMinute).TotalSeconds.ShouldBe(1, 0.001);
        new WatchBackoff(() => 0).Next(TimeSpan.FromSeconds(7), HalfAMinute).ShouldBe(TimeSpan.FromSeconds(7));
        new WatchBackoff(() => 0).Next(TimeSpan.FromDays(7), HalfAMinute).ShouldBe(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_server_that_says_nothing_long_after_it_should_have_ended_the_watch_is_left()
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            await answer.EventAsync("ADDED", $"o{number}", $"{5 + number}");
            await answer.HoldAsync();
        });
        var seen = new List<string>();
        using var client = api.Client(_clock);
        await foreach (var change in new ResumingWatch(client, Scope, _clock, static () => 0.5).RunAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(Text(change));
            if (seen.Count == 5)
            {
                break;
            }

            if (change is WatchChange.Present)
            {
                _clock.Advance(TimeSpan.FromSeconds(321));
            }
        }

        seen.ShouldBe(["listing", "synced 5", "n/o1 6", "interrupted", "n/o2 7"]);
    }

    [Fact]
    public async Task An_earlier_run_is_gone_on_with_and_lists_only_when_the_server_has_forgotten_it()
    {
        await using var api = new RawApi((_, number, answer) => number switch
        {
            0 => PlayAsync(answer, ("MODIFIED", "a", "31"), ("DELETED", "b", "32")),
            1 => answer.WholeAsync("{}", 410),
            _ => answer.ListAsync("90", "", "d"),
        });
        var watch = new WatchPoint("30", [new("n", "a"), new("n", "b"), new("n", "c")]);
        (await SeeAsync(api, Scope, 9, watch)).ShouldBe(["n/a 31", "gone n/b 32", "interrupted", "interrupted", "listing", "n/d", "gone n/a", "gone n/c", "synced 90"]);
        api.Asked.Take(3).ShouldBe([From("30"), From("32"), First]);
    }

    [Fact]
    public async Task Who_keeps_the_names_itself_is_told_where_a_list_begins_and_ends_and_nothing_more()
    {
        await using var api = new RawApi((_, number, answer) => number switch
        {
            0 => answer.ListAsync("5", "", "a"),
            1 => answer.WholeAsync("{}", 410),
            _ => answer.ListAsync("9", "", "b"),
        });
        (await SeeAsync(api, Scope, 7, keepsNames: false)).ShouldBe(["listing", "n/a", "synced 5", "interrupted", "listing", "n/b", "synced 9"]);
    }

    [Fact]
    public async Task Only_metadata_can_be_asked_for_and_only_what_is_selected()
    {
        var scope = new KubeScope(KubeKind.Of("fleet.nationtech.io/v1alpha1", "Device")!)
        { IsMetadataOnly = true, LabelSelector = "a=b", FieldSelector = "metadata.name=x", PageSize = 7, WatchTimeout = TimeSpan.FromSeconds(209) };
        await using var api = new RawApi((_, number, answer) => number == 0 ? answer.ListAsync("5", "") : PlayAsync(answer, ("ADDED", "a", "6")));
        await ChangesAsync(api, scope, 3);
        api.Asked.Take(2).ShouldBe(
        [
            "/apis/fleet.nationtech.io/v1alpha1/devices?limit=7&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx",
            "/apis/fleet.nationtech.io/v1alpha1/devices?watch=true&allowWatchBookmarks=true&timeoutSeconds=209&resourceVersion=5&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx",
        ]);
        api.Accepts.Take(2).ShouldBe(["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]);
    }

    [Fact]
    public async Task It_ends_at_once_when_it_is_cancelled_in_the_middle_of_silence()
    {
        await using var api = new RawApi(async (_, number, answer) =>
        {
            if (number == 0)
            {
                await answer.ListAsync("5", "");
                return;
            }

            await answer.BeginAsync();
            await answer.HoldAsync();
        });
        using var client = api.Client(_clock);
        using var ends = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            await foreach (var change in new ResumingWatch(client, Scope, _clock, static () => 0.5).RunAsync(ends.Token))
            {
                change.ShouldNotBeOfType<WatchChange.Interrupted>();
            }
        }, TestContext.Current.CancellationToken);
        await AskedAsync(api, 2);
        await ends.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(watching.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    private static string From(string version) => $"{Root}?watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion={version}";

    private static async Task PlayAsync(RawAnswer answer, params (string Type, string Name, string Version)[] events)
    {
        await answer.BeginAsync();
        foreach (var (type, name, version) in events)
        {
            await answer.EventAsync(type, name, version);
        }

        await answer.EndAsync();
    }

    /// <summary>Asks until a request has come in; the connection is made before the server has read it.</summary>
    private static async Task AskedAsync(RawApi api, int count)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (api.Asked.Count < count)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static string Text(WatchChange change) => change switch
    {
        WatchChange.Listing => "listing",
        WatchChange.Present present => $"{present.Key} {present.Version}".TrimEnd(),
        WatchChange.Absent absent => $"gone {absent.Key} {absent.Version}".TrimEnd(),
        WatchChange.Synced synced => $"synced {synced.Version}",
        WatchChange.Moved moved => $"moved {moved.Version}",
        _ => "interrupted",
    };

    private async Task<List<string>> SeeAsync(RawApi api, KubeScope scope, int count, WatchPoint? from = null, bool keepsNames = true) =>
        [.. (await ChangesAsync(api, scope, count, from, keepsNames)).Select(Text)];

    private async Task<List<WatchChange>> ChangesAsync(RawApi api, KubeScope scope, int count, WatchPoint? from = null, bool keepsNames = true)
    {
        var seen = new List<WatchChange>();
        using var client = api.Client(_clock);
        await foreach (var change in new ResumingWatch(client, scope, _clock, static () => 0.5) { From = from, KeepsNames = keepsNames }.RunAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(change);
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }
}
