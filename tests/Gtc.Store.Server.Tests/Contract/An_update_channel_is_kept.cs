using System.Text;
using System.Text.Json;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Where updates come from lies beside the document, and is read as a file.</summary>
public abstract class An_update_channel_is_kept<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Channel = $"/environments/{Env}/update-channel";
    private const string File = $"/environments/{Env}/files?name=update-channel.json";

    [Fact]
    public async Task With_what_a_newer_gtc_may_have_written_into_it()
    {
        await Client.CreateAsync(Env);
        (await Client.GetAsync(File)).Must(200)["content"].ValueKind.ShouldBe(JsonValueKind.Null);
        (await Client.ChangeAsync("PUT", Channel, Body("\"enabled\":true,\"poll_interval_secs\":600,\"of_tomorrow\":1"))).Must(200).Result.GetProperty("poll_interval_secs").GetInt32().ShouldBe(600);
        var kept = JsonElement.Parse(Encoding.UTF8.GetString((await Client.GetAsync(File)).Must(200)["content"].GetBytesFromBase64()));
        kept.GetProperty("enabled").GetBoolean().ShouldBeTrue();
        kept.GetProperty("of_tomorrow").GetInt32().ShouldBe(1);
        (await Client.AuditAsync(Env, "?noun=updates")).ShouldHaveSingleItem().GetProperty("verb").GetString().ShouldBe("configure");
    }

    [Theory]
    [InlineData("\"poll_interval_secs\":59", null)]
    [InlineData("\"enabled\":\"yes\"", null)]
    [InlineData("\"enabled\":true", "elsewhere")]
    public async Task Not_one_that_breaks_a_rule(string members, string? environment)
    {
        await Client.CreateAsync(Env);
        (await Client.ChangeAsync("PUT", Channel, Body(members, environment ?? Env))).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("PUT", Channel, Body(members, environment ?? Env).Replace("update-channel.v1", "other.v1", StringComparison.Ordinal))).MustBe(400, "invalid-request");
    }

    private static string Body(string members, string environment = Env) => $$"""{"schema":"greentic.update-channel.v1","environment_id":"{{environment}}",{{members}}}""";
}
