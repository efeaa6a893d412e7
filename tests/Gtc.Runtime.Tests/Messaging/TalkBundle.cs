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
              input: {{payload}}
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
