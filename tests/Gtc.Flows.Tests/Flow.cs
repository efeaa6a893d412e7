using System.IO.Compression;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests;

/// <summary>Packs and runtimes made from the JSON of a manifest's parts.</summary>
internal static class Flow
{
    public static FlowContext Context { get; } = new("local", "acme", "01DEPLOY", "shop", "01J9REV7Q");

    /// <summary>A pack whose flows are given as entries; ids are literal.</summary>
    public static PackFile Pack(string id, string flows, string extra = "") => Open($$"""
        {"schema_version":"pack-v1","pack_id":"{{id}}","version":"1.0.0","kind":"application","publisher":"t",{{extra}}"flows":[{{flows}}]}
        """);

    /// <summary>A pack with one flow <c>f</c> and one component <c>my.tool</c>.</summary>
    public static PackFile PackWith(byte[] component, string nodes, params ReadOnlySpan<(string Name, byte[] Content)> more) => Open(
        $$"""
        {"schema_version":"pack-v1","pack_id":"p","version":"1.0.0","kind":"application","publisher":"t",
         "components":[{"id":"my.tool","version":"1.0.0"}],"flows":[{{Entry("f", nodes)}}]}
        """,
        [("components/my.tool.wasm", component), .. more]);

    public static PackFile Open(string manifestJson, params ReadOnlySpan<(string Name, byte[] Content)> members)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using (var stream = archive.CreateEntry(PackFile.ManifestMember).Open())
            {
                stream.Write(CborDocument.Write(JsonElement.Parse(manifestJson), sortKeys: false));
            }

            foreach (var (name, content) in members)
            {
                using var stream = archive.CreateEntry(name).Open();
                stream.Write(content);
            }
        }

        return PackFile.Open(zip, "test.gtpack").Value;
    }

    /// <summary>An entry of a manifest's flows.</summary>
    public static string Entry(string id, string nodes, string kind = "messaging", string tags = "", string entrypoints = "{}") => $$$"""
        {"id":"{{{id}}}","kind":"{{{kind}}}","tags":[{{{tags}}}],"flow":{"schema_version":"flow-v1","id":"{{{id}}}","kind":"{{{kind}}}","entrypoints":{{{entrypoints}}},"nodes":[{{{nodes}}}]}}
        """;

    /// <summary>A node.</summary>
    public static string Node(string id, string component, string mapping, string routing = "\"End\"") => $$$"""
        {"id":"{{{id}}}","component":{"id":"{{{component}}}"},"input":{"mapping":{{{mapping}}}},"routing":{{{routing}}}}
        """;

    public static FlowRuntime Runtime(params PackFile[] packs) => FlowRuntime.Load(packs, NullLogger.Instance).Value;

    public static InboundActivity Message(string payload) => new() { Payload = JsonElement.Parse(payload), FlowType = "messaging" };

    /// <summary>Runs a flow of these nodes on an entry and returns the reply.</summary>
    public static FlowReply Run(string nodes, string entry = """{"text":"x"}""", FlowLimits? limits = null)
    {
        using var runtime = FlowRuntime.Load([Pack("p", Entry("f", nodes))], NullLogger.Instance, new FlowOptions { Limits = limits ?? FlowLimits.Standard }).Value;
        return runtime.Handle(Message(entry), Context, TestContext.Current.CancellationToken).Value;
    }

    /// <summary>The payloads as one line of JSON each.</summary>
    public static string[] Texts(this FlowReply reply) => [.. reply.Payloads.Select(payload => JsonSerializer.Serialize(payload))];

    public static string Error(this FlowReply reply)
    {
        reply.HasFailed.ShouldBeTrue();
        var metadata = reply.Payloads.ShouldHaveSingleItem().GetProperty("metadata");
        metadata.GetProperty("error_kind").GetString().ShouldBe("flow_execution_failed");
        return metadata.GetProperty("error_message").GetString()!;
    }
}
