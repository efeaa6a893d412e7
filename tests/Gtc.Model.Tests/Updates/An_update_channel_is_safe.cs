using System.Text;
using System.Text.Json;

namespace Gtc.Model.Tests.Updates;

public sealed class An_update_channel_is_safe
{
    [Fact]
    [Trait("fact", "environment-model:6.23")]
    public void Actions_are_never_more_than_was_asked_for()
    {
        var read = Read("""{"schema":"greentic.update-channel.v1","environment_id":"local","enabled":true,"on_notify":"record_only"}""");
        read.ResolveAction().ShouldBe(UpdateAction.RecordOnly);
        var set = JsonDocument.Parse(Documents.UpdateChannel.ToFile(read.WithAction(UpdateAction.Apply))).RootElement;
        (set.GetProperty("on_update").GetString(), set.GetProperty("on_notify").GetString()).ShouldBe(("apply", "stage"));
        UpdateChannelConfig.Absent(EnvId.Local).ResolveAction().ShouldBe(UpdateAction.Stage);
        UpdateChannelConfig.Absent(EnvId.Local).ResolveEnabled().ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "environment-model:6.23")]
    public void A_short_interval_is_clamped_and_unknown_members_survive()
    {
        var read = Read("""{"schema":"greentic.update-channel.v1","environment_id":"local","poll_interval_secs":5,"x_future":{"a":1}}""");
        read.ResolvePollIntervalSecs().ShouldBe(60ul);
        Encoding.UTF8.GetString(Documents.UpdateChannel.ToLine(read.WithAction(UpdateAction.Stage))).ShouldContain("\"x_future\":{\"a\":1}");
        read.WithPollInterval(59).IsOk.ShouldBeFalse();
        read.WithPollInterval(60).Value.ResolvePollIntervalSecs().ShouldBe(60ul);
    }

    [Fact]
    public void The_stream_lies_beside_the_plan()
    {
        var channel = UpdateChannelConfig.Absent(EnvId.Local);
        channel.ResolveStreamEndpoint().ShouldBeNull();
        (channel with { PlanEndpoint = "https://u.test/e/plan" }).ResolveStreamEndpoint().ShouldBe("https://u.test/e/updates/stream");
        (channel with { PlanEndpoint = "https://u.test/e" }).ResolveStreamEndpoint().ShouldBeNull();
    }

    private static UpdateChannelConfig Read(string json) => Documents.UpdateChannel.Parse(Encoding.UTF8.GetBytes(json)).Value;
}
