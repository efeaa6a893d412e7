using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Flows.Tests.Components;

namespace Gtc.Runtime.Tests.Http;

/// <summary>A bundle with a component, built from its source, routed and asked.</summary>
public sealed class Components_answer_over_http : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_component_replies_and_its_flow_waits_for_the_session()
    {
        await _lab.RouteOneAsync(await BuildAsync(TestComponents.Echo()));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };

        (await SayAsync(client, "hi", "s")).GetProperty("said").GetString().ShouldBe("hi");
        (await SayAsync(client, "about", "s")).GetProperty("text").GetString().ShouldBe("About, after about");
        (await SayAsync(client, "hi", "s")).GetProperty("said").GetString().ShouldBe("hi");
    }

    [Fact]
    public async Task A_component_that_traps_is_reported_and_the_worker_goes_on()
    {
        await _lab.RouteOneAsync(await BuildAsync(TestComponents.Trapping()));
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

    private async Task<string> BuildAsync(byte[] component)
    {
        var source = _lab.PathTo("source");
        var pack = Path.Combine(source, "packs", "talk");
        Directory.CreateDirectory(Path.Combine(pack, "flows"));
        Directory.CreateDirectory(Path.Combine(pack, "components"));
        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: talk\nbundle_name: talk\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack, "pack.yaml"), "pack_id: talk\nversion: 0.1.0\nkind: application\npublisher: tests\nname: Talk\n", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(pack, "components", "my.tool.wasm"), component, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(pack, "flows", "talk.ygtc"),
            """
            id: talk
            type: messaging
            schema_version: 2
            tags: [default]
            start: ask
            nodes:
              ask:
                say:
                  component: my.tool
                  input:
                    said: "{{entry.text}}"
                routing:
                  - condition: response.text == "about"
                    to: about
              about:
                emit.log:
                  text: "About, after {{node.ask.said}}"
                routing: out
            """,
            TestContext.Current.CancellationToken);
        return (await BundleBuilder.BuildAsync(source, _lab.PathTo("talk.gtbundle"), "test", TestContext.Current.CancellationToken)).Value.Path;
    }
}
