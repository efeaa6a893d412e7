using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Contracts.Tests.Payloads;

public class Strange_payloads_never_throw
{
    private const string Hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly string[] Payloads =
    [
        """{"device_id":"a","labels":{"k":"v"},"inventory":{"cpu_cores":4,"memory_mb":1},"updated_at":"2026-05-03T16:59:43Z"}""",
        """{"device_id":"a","deployment":"b","phase":"Failed","last_error":"x","recent_events":[{"at":"2026-05-03T16:59:43Z","severity":"Error","message":"m"}]}""",
        """{"device_id":"a","events":[{"at":"2026-05-03T16:59:43Z","severity":"Error","message":"m","deployment":"b"}],"dropped":1}""",
        """{"device_id":"a","at":"2026-05-03T16:59:43Z","seq":1}""",
        $$$"""{"rev":1,"entries":{"a":{"hash":"{{{Hash}}}","seq":1}},"heartbeat_s":30}""",
        """{"PodmanV0":{"services":[{"name":"a","image":"docker.io/a:1","ports":["1:1"],"env":{"A":"b"},"health":{"test":["x"]}}],"files":[{"path":"p","content":"c"}]}}""",
    ];

    private static readonly string[] Strange = ["null", "[]", "{}", "0", "-1e999", "\"\"", "\"\\ud800\"", "[null]", "{\"a\":null}", "true", "\"\u00ff\""];

    [Fact]
    public void Whatever_stands_in_the_place_of_a_value()
    {
        foreach (var payload in Payloads)
        {
            for (var at = 0; at < payload.Length; at++)
            {
                if (payload[at] is not (':' or '['))
                {
                    continue;
                }

                foreach (var value in Strange)
                {
                    var end = payload.IndexOfAny([',', '}', ']'], at);
                    ReadAll(Encoding.UTF8.GetBytes(payload[..(at + 1)] + value + payload[end..]));
                }
            }
        }
    }

    [Fact]
    public void Whatever_bytes_are_cut_or_changed()
    {
        var cases = from payload in Gen.Elements(Payloads)
                    from at in Gen.Choose(0, payload.Length - 1)
                    from octet in Gen.Choose(0, 255)
                    from isCut in Gen.Elements(true, false)
                    select (payload, at, octet, isCut);
        Prop.ForAll(Arb.From(cases), strange =>
        {
            var bytes = Encoding.UTF8.GetBytes(strange.payload);
            bytes[strange.at] = (byte)strange.octet;
            ReadAll(strange.isCut ? bytes[..strange.at] : bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
    }

    [Fact]
    public void A_manifest_s_entry_without_a_hash_is_no_order_to_take_anything_away() =>
        DeviceManifest.Parse("""{"rev":2,"entries":{"web":{"hash":"none"}}}"""u8).Error.ShouldNotBeNull().Path.ShouldBe("entries.web.hash");

    [Theory]
    [InlineData("""{"PodmanV0":{"services":[{"name":"a","image":"docker.io/a:1"}],"new":"\ud800"}}""")]
    [InlineData("""{"PodmanV0":{"services":[{"name":"a","image":"docker.io/a:1"}],"new":{"\udc00":1}}}""")]
    public void Half_a_character_is_refused_even_where_nobody_knows_the_member(string json) =>
        ReconcileScore.Parse(Encoding.UTF8.GetBytes(json)).Error.ShouldNotBeNull().Message.ShouldContain("half a character");

    [Fact]
    public void Labels_are_bounded()
    {
        var labels = string.Join(',', Enumerable.Range(0, 65).Select(number => $"\"l{number}\":\"\""));

        DeviceInfo.Parse(Encoding.UTF8.GetBytes($$$"""{"device_id":"a","labels":{{{{labels}}}}}""")).Error.ShouldNotBeNull().Message.ShouldContain("at most 64");
    }

    private static void ReadAll(byte[] bytes)
    {
        if (DeviceInfo.Parse(bytes).TryGet(out var device, out _))
        {
            device.Labels.Keys.Sum(key => key.Length).ShouldBeGreaterThanOrEqualTo(0);
            device.ToBytes();
        }

        if (DeploymentState.Parse(bytes).TryGet(out var state, out _))
        {
            state.ToBytes();
        }

        if (DeviceEvents.Parse(bytes).TryGet(out var events, out _))
        {
            events.ToBytes();
        }

        if (Heartbeat.Parse(bytes).TryGet(out var beat, out _))
        {
            beat.ToBytes();
        }

        if (DeviceManifest.Parse(bytes).TryGet(out var manifest, out _))
        {
            manifest.Entries.Values.ShouldAllBe(entry => ScoreHash.IsValid(entry.Hash));
            manifest.ToBytes();
        }

        if (ReconcileScore.Parse(bytes).TryGet(out var score, out _) && score.FindProblems().Count == 0)
        {
            score.ToCanonicalBytes();
        }

        StateReader.Read(bytes, "a"u8, "b"u8, out var facts);
        facts.LastError();
    }
}
