using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Contracts.Tests.Payloads;

public class Counters_read_states_fast
{
    private const string State = """{"device_id":"pi-42","deployment":"web","phase":"Failed","last_event_at":"2026-05-03T16:59:43Z","last_error":"pull \"x\" failed \u2603","score_hash":"sha256:ab","seq":7,"recent_events":[{"at":"2026-05-03T16:59:43Z","severity":"Error","message":"m"}]}""";

    [Fact]
    public void The_three_facts_are_found()
    {
        StateReader.Read(Encoding.UTF8.GetBytes(State), "pi-42"u8, "web"u8, out var facts).ShouldBe(StateOutcome.Ok);

        facts.Phase.ShouldBe(DeploymentPhase.Failed);
        Encoding.UTF8.GetString(facts.ScoreHash).ShouldBe("sha256:ab");
        facts.LastError().ShouldBe("pull \"x\" failed ☃");
    }

    [Fact]
    public void An_old_agent_s_state_has_no_hash_and_no_error()
    {
        StateReader.Read("""{"device_id":"a","deployment":"b","phase":"Running","last_error":null}"""u8, "a"u8, "b"u8, out var facts).ShouldBe(StateOutcome.Ok);

        facts.ScoreHash.IsEmpty.ShouldBeTrue();
        facts.LastError().ShouldBeNull();
    }

    [Fact]
    public void A_state_under_another_s_key_is_told()
    {
        StateReader.Read(Encoding.UTF8.GetBytes(State), "pi-43"u8, "web"u8, out _).ShouldBe(StateOutcome.KeyMismatch);
        StateReader.Read(Encoding.UTF8.GetBytes(State), "pi-42"u8, "wob"u8, out _).ShouldBe(StateOutcome.KeyMismatch);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"device_id":"a","deployment":"b"}""")]
    [InlineData("""{"device_id":"a","deployment":"b","phase":3}""")]
    [InlineData("""{"device_id":"a","deployment":"b","phase":"Running","phase":"Failed"}""")]
    [InlineData("""{"device_id":"a","device_id":"b","deployment":"b","phase":"Running"}""")]
    [InlineData("""{"device_id":"a","deployment":"b","phase":"Running"} {}""")]
    [InlineData("""{"device_id":"a","deployment":"b","phase":"Running","last_error":[]}""")]
    public void What_is_no_state_is_told(string json) => StateReader.Read(Encoding.UTF8.GetBytes(json), "a"u8, "b"u8, out _).ShouldBe(StateOutcome.Malformed);

    [Fact]
    public void Reading_makes_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(State);
        StateReader.Read(bytes, "pi-42"u8, "web"u8, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1000; round++)
        {
            StateReader.Read(bytes, "pi-42"u8, "web"u8, out _);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Bytes_broken_anywhere_never_throw_and_never_read_as_something_else()
    {
        var cases = from at in Gen.Choose(0, State.Length - 1) from octet in Gen.Choose(0, 255) from cut in Gen.Elements(true, false) select (at, octet, cut);
        Prop.ForAll(Arb.From(cases), broken =>
        {
            var bytes = Encoding.UTF8.GetBytes(State);
            bytes[broken.at] = (byte)broken.octet;
            var outcome = StateReader.Read(broken.cut ? bytes[..broken.at] : bytes, "pi-42"u8, "web"u8, out var facts);
            _ = facts.LastError();
            return !broken.cut || outcome == StateOutcome.Malformed;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }
}
