using Gtc.Artifacts.Building;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Bundles with one pack, built from their source.</summary>
internal static class TalkBundle
{
    /// <summary>A flow that asks a component <c>my.tool</c> and waits for <c>about</c>.</summary>
    public static Task<string> BuildAsync(WorkerLab lab, byte[] component) => WriteAsync(
        lab,
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
        component);

    /// <summary>Says again what it was told.</summary>
    public const string EchoFlow =
        """
        id: echo
        type: messaging
        schema_version: 2
        tags: [default]
        nodes:
          tell:
            emit.log:
              text: "{{entry.text}}"
            routing: out
        """;

    /// <summary>A card with a button, and the card behind it.</summary>
    public const string CardFlow =
        """
        id: on_message
        type: messaging
        schema_version: 2
        tags: [default]
        start: welcome_card
        nodes:
          welcome_card:
            card:
              component: my.tool
              input:
                renderedCard:
                  type: AdaptiveCard
                  body: [{type: TextBlock, size: Large, weight: Bolder, text: "👋 Hello"}, {type: TextBlock, text: "What would you like to explore?"}]
                  actions: [{data: {action: about_card}, type: Action.Submit, title: About}, {data: {action: capabilities_card}, type: Action.Submit, title: "What can I do?"}]
            routing:
              - condition: response.action == "about_card"
                to: about_card
          about_card:
            card:
              component: my.tool
              input:
                renderedCard:
                  type: AdaptiveCard
                  body: [{type: TextBlock, text: "About Greentic"}]
            routing: out
        """;

    /// <summary>A card with every part that the console shows, one of them hostile.</summary>
    public const string EveryPart = """
        {"type":"AdaptiveCard","body":[
          {"type":"TextBlock","text":"<img src=x onerror=\"window.broken=1\">"},
          {"type":"Container","style":"emphasis","items":[{"type":"TextBlock","text":"**Bold**, _slanted_, `code` and [a link](https://example.com) but not [this](javascript:alert(1))\n- one\n- two"}]},
          {"type":"ColumnSet","columns":[{"type":"Column","width":"auto","items":[{"type":"Image","url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==","altText":"A dot","size":"Small"}]},
            {"type":"Column","items":[{"type":"FactSet","facts":[{"title":"Size","value":"large"}]}]}]},
          {"type":"Input.Text","id":"name","label":"Name","isRequired":true,"errorMessage":"A name is needed"},
          {"type":"Input.ChoiceSet","id":"colour","label":"Colour","value":"red","choices":[{"title":"Red","value":"red"},{"title":"Blue","value":"blue"}]},
          {"type":"Input.Toggle","id":"agree","title":"I agree","valueOn":"yes","valueOff":"no"},
          {"type":"ActionSet","actions":[{"type":"Action.ShowCard","title":"More","card":{"type":"AdaptiveCard","body":[{"type":"Input.Text","id":"note","placeholder":"A note"}]}}]},
          {"type":"Something.Else","text":"unknown"}],
         "actions":[{"type":"Action.Submit","title":"Send","style":"positive","data":{"action":"order"}},
          {"type":"Action.ShowCard","title":"Deeper","card":{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"deep"}]}},
          {"type":"Action.OpenUrl","title":"Read","url":"https://example.com"},
          {"type":"Action.OpenUrl","title":"Bad","url":"javascript:alert(1)"}]}
        """;

    /// <summary>The flow of cards.</summary>
    public static Task<string> CardsAsync(WorkerLab lab, byte[] component) => WriteAsync(lab, CardFlow, component);

    /// <summary>A flow that answers one thing.</summary>
    /// <param name="lab">Where it is built.</param>
    /// <param name="payload">JSON, which is YAML as well.</param>
    public static Task<string> EmitAsync(WorkerLab lab, string payload) => WriteAsync(
        lab,
        $$"""
        id: talk
        type: messaging
        schema_version: 2
        tags: [default]
        nodes:
          tell:
            emit.log:
              input: {{payload.ReplaceLineEndings(" ")}}
            routing: out
        """,
        null);

    private static async Task<string> WriteAsync(WorkerLab lab, string flow, byte[]? component)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var source = Directory.CreateDirectory(lab.PathTo("source")).FullName;
        var pack = Path.Combine(source, "packs", "talk");
        Directory.CreateDirectory(Path.Combine(pack, "flows"));
        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: talk\nbundle_name: talk\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack, "pack.yaml"), "pack_id: talk\nversion: 0.1.0\nkind: application\npublisher: tests\nname: Talk\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack, "flows", "talk.ygtc"), flow, cancellationToken);
        if (component is not null)
        {
            Directory.CreateDirectory(Path.Combine(pack, "components"));
            await File.WriteAllBytesAsync(Path.Combine(pack, "components", "my.tool.wasm"), component, cancellationToken);
        }

        return (await BundleBuilder.BuildAsync(source, lab.PathTo("talk.gtbundle"), "test", cancellationToken)).Value.Path;
    }
}
