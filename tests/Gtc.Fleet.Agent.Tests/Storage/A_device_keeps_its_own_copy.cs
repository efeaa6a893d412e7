using System.Text;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Agent.Tests.Reconciling;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Tests.Storage;

public sealed class A_device_keeps_its_own_copy : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_kept_is_there_after_a_start()
    {
        string instance;
        using (var store = Open())
        {
            store.SaveDesired(Desired.Name("web"), "{\"a\":1}"u8, 7).ShouldBeNull();
            store.SaveManifest(new DeviceManifest { Rev = 3 });
            store.SaveState(Desired.Name("web"), new StoredState(State(4), "h", false, false));
            instance = store.InstanceId;
        }

        using var again = Open();
        again.InstanceId.ShouldBe(instance);
        again.Manifest!.Rev.ShouldBe(3);
        again.Desired[Desired.Name("web")].Seq.ShouldBe(7);
        Encoding.UTF8.GetString(again.ReadDesired(Desired.Name("web"))!).ShouldBe("{\"a\":1}");
        var state = again.ReadStates()[Desired.Name("web")];
        state.Told!.Seq.ShouldBe(4);
        state.AppliedHash.ShouldBe("h");
        state.IsSent.ShouldBeFalse();
    }

    [Theory]
    [InlineData("desired/web.json")]
    [InlineData("desired/web.seq")]
    [InlineData("state/web.json")]
    [InlineData("manifest.json")]
    public void What_is_torn_at_any_byte_counts_as_absent_and_harms_nothing_else(string file)
    {
        using (var store = Open())
        {
            foreach (var name in (string[])["web", "other"])
            {
                store.SaveDesired(Desired.Name(name), "{\"a\":1}"u8, 7).ShouldBeNull();
                store.SaveState(Desired.Name(name), new StoredState(State(4), "h", true, false));
            }

            store.SaveManifest(new DeviceManifest { Rev = 3 });
        }

        var path = Path.Combine(_folder, file);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using var store = Open();
            store.Desired.ContainsKey(Desired.Name("other")).ShouldBeTrue();
            store.ReadStates().ContainsKey(Desired.Name("other")).ShouldBeTrue();
            (store.Desired.ContainsKey(Desired.Name("web")) && store.ReadStates().ContainsKey(Desired.Name("web")) && store.Manifest is not null).ShouldBeFalse($"{length} bytes of {file}");
        }
    }

    [Fact]
    public void What_was_left_beside_by_a_power_cut_is_not_seen()
    {
        using (var store = Open())
        {
            store.SaveDesired(Desired.Name("web"), "{\"a\":1}"u8, 7).ShouldBeNull();
        }

        File.WriteAllText(Path.Combine(_folder, "desired", "web.json.new"), "{\"a\":2");
        using var again = Open();
        again.Desired.Keys.ShouldBe([Desired.Name("web")]);
        again.SaveDesired(Desired.Name("web"), "{\"a\":2}"u8, 8).ShouldBeNull();
        Directory.GetFiles(Path.Combine(_folder, "desired")).Length.ShouldBe(2);
    }

    [Fact]
    public void There_is_a_bound_on_all_of_it()
    {
        using var store = Open();
        var large = new byte[FleetBounds.MaxValueBytes];
        for (var count = 0; count < LocalStore.MaxBytes / large.Length; count++)
        {
            store.SaveDesired(Desired.Name($"d{count}"), large, 1).ShouldBeNull();
        }

        store.SaveDesired(Desired.Name("more"), large, 1)!.Message.ShouldContain("16 MiB");
        store.SaveDesired(Desired.Name("d0"), large, 2).ShouldBeNull("what replaces something fits");
    }

    [Fact]
    public void Files_have_their_modes_and_go_when_the_score_has_them_no_more()
    {
        using var store = Open();
        var name = Desired.Name("web");
        store.SaveFiles(name, [new ScoreFile { Path = "a/b.sh", Content = "x", Mode = "0750" }, new ScoreFile { Path = "c", Content = "y" }]);
        var folder = store.FilesFolder(name);
        File.GetUnixFileMode(Path.Combine(folder, "a/b.sh")).ShouldBe((UnixFileMode)0b111_101_000);
        File.GetUnixFileMode(Path.Combine(folder, "c")).ShouldBe((UnixFileMode)0b110_100_100);

        store.TrimFiles(name, [new ScoreFile { Path = "c", Content = "y" }]);
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ShouldBe([Path.Combine(folder, "c")]);
        store.TrimFiles(name, []);
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public void The_ring_of_events_is_bounded_and_a_repeated_event_does_not_wash_the_others_out()
    {
        var ring = new EventRing(DeviceId.Parse("pi-42").Value, null, TimeProvider.System);
        ring.Add(EventSeverity.Warn, "first", null);
        for (var count = 0; count < 100; count++)
        {
            ring.Add(EventSeverity.Error, "again", Desired.Name("web"));
        }

        ring.ToPayload().Events.Select(happened => happened.Message).ShouldBe(["first", "again"]);
        for (var count = 0; count < 40; count++)
        {
            ring.Add(EventSeverity.Info, $"event {count}", null);
        }

        var told = ring.ToPayload();
        told.Events.Length.ShouldBe(FleetBounds.MaxEvents);
        told.Events[^1].Message.ShouldBe("event 39");
        told.Dropped.ShouldBe(10);
        new EventRing(told.DeviceId, told, TimeProvider.System).ToPayload().Events.Length.ShouldBe(FleetBounds.MaxEvents, "it goes on after a start");
    }

    private static DeploymentState State(long seq) => new() { DeviceId = DeviceId.Parse("pi-42").Value, Deployment = Desired.Name("web"), Phase = DeploymentPhase.Running, Seq = seq };

    private LocalStore Open() => LocalStore.Open(_folder).Value;
}
