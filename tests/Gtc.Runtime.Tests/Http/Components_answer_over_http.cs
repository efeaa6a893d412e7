using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gtc.Flows.Tests.Components;
using Gtc.Runtime.Tests.Messaging;

namespace Gtc.Runtime.Tests.Http;

/// <summary>A bundle with a component, built from its source, routed and asked.</summary>
public sealed class Components_answer_over_http : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_component_replies_and_its_flow_waits_for_the_session()
    {
        await _lab.RouteOneAsync(await TalkBundle.BuildAsync(_lab, TestComponents.Echo()));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };

        (await SayAsync(client, "hi", "s")).GetProperty("said").GetString().ShouldBe("hi");
        (await SayAsync(client, "about", "s")).GetProperty("text").GetString().ShouldBe("About, after about");
        (await SayAsync(client, "hi", "s")).GetProperty("said").GetString().ShouldBe("hi");
    }

    [Fact]
    public async Task A_component_that_traps_is_reported_and_the_worker_goes_on()
    {
        await _lab.RouteOneAsync(await TalkBundle.BuildAsync(_lab, TestComponents.Trapping()));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };

        for (var i = 0; i < 2; i++)
        {
            var metadata = (await SayAsync(client, "hi", "s")).GetProperty("metadata");
            metadata.GetProperty("error_kind").GetString().ShouldBe("flow_execution_failed");
            metadata.GetProperty("error_message").GetString().ShouldBe("component my.tool failed: COMPONENT_TRAPPED: unreachable");
        }
    }

    private static async Task<JsonElement> SayAsync(HttpClient client, string text, string session)
    {
        using var body = new StringContent($$"""{"text":"{{text}}","session":"{{session}}"}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/", body, TestContext.Current.CancellationToken);
        var replies = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return replies[0].GetProperty("payload");
    }
}
