using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Wasm.Components;
using Gtc.Wasm.Wasi;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Components made by others, with recorded answers. They are not part of this repository: GTC_UPSTREAM_FIXTURES names a folder that has them as .wasm files.</summary>
public sealed class Real_components_answer_as_recorded
{
    [Fact]
    public void Contract_fixture_of_node_0_6_0()
    {
        var component = Find("component_v0_6_0.wasm");
        foreach (var recorded in Transcript("component_v0_6_0-node-invoke.json").GetProperty("cases").EnumerateArray())
        {
            var result = Call(component, "greentic:component/node@0.6.0", "invoke", new()
            {
                ["op"] = new ComponentValue.Text(recorded.GetProperty("op").GetString()!),
                ["payload-cbor"] = Hex(recorded, "payload_cbor_hex"),
            });
            var answer = result.ShouldBeOfType<ComponentValue.Choice>();
            answer.Index.ShouldBe(0);
            var parts = answer.Payload.ShouldBeOfType<ComponentValue.Items>().Value;
            parts[0].ShouldBe(new ComponentValue.Truth(recorded.GetProperty("ok").GetBoolean()));
            var output = ((ComponentValue.Bytes)parts[1]).Value.Span;
            output.IndexOf(Encoding.UTF8.GetBytes(recorded.GetProperty("output").GetProperty("message").GetString()!)).ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void Contract_fixture_of_node_0_5_0()
    {
        var component = Find("component_v0_5_0.wasm");
        foreach (var recorded in Transcript("component_v0_5_0-node-invoke.json").GetProperty("cases").EnumerateArray())
        {
            var result = Call(component, "greentic:component/node@0.5.0", "invoke", new()
            {
                ["op"] = new ComponentValue.Text(recorded.GetProperty("op").GetString()!),
                ["input"] = new ComponentValue.Text(recorded.GetProperty("input").GetString()!),
            }).ShouldBeOfType<ComponentValue.Choice>();
            var expected = recorded.GetProperty("result");
            result.Index.ShouldBe(expected.GetProperty("tag").GetString() == "ok" ? 0 : 1);
            var value = expected.GetProperty("val");
            if (result.Index == 0)
            {
                result.Payload.ShouldBe(new ComponentValue.Text(value.GetString()!));
                continue;
            }

            var error = result.Payload.ShouldBeOfType<ComponentValue.Items>().Value;
            error[0].ShouldBe(new ComponentValue.Text(value.GetProperty("code").GetString()!));
            error[1].ShouldBe(new ComponentValue.Text(value.GetProperty("message").GetString()!));
            error[2].ShouldBe(new ComponentValue.Truth(value.GetProperty("retryable").GetBoolean()));
        }
    }

    [Fact]
    public void Templates_of_component_runtime_0_6_0()
    {
        var component = Find("*component-templates*.wasm", "*component_templates*.wasm");
        foreach (var recorded in Transcript("templates-component-runtime-run.json").GetProperty("cases").EnumerateArray())
        {
            if (!recorded.TryGetProperty("output_cbor_hex", out _))
            {
                continue;
            }

            var result = Call(component, "greentic:component/component-runtime@0.6.0", "run", new()
            {
                ["input"] = Hex(recorded, "input_cbor_hex"),
                ["state"] = Hex(recorded, "state_cbor_hex"),
            });
            result.ShouldBeOfType<ComponentValue.Items>().Value[0].ShouldBe(Hex(recorded, "output_cbor_hex"), recorded.GetProperty("name").GetString());
        }
    }

    private static ComponentValue Call(byte[] bytes, string id, string function, Dictionary<string, ComponentValue> named)
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(bytes);
        loaded.Error.ShouldBeNull();
        var linked = loaded.Value.Link(WasiHost.AddTo(new ComponentLinker { AllowMissing = true }));
        linked.Error.ShouldBeNull();
        using var context = new WasiContext(WasiGrants.None, TimeProvider.System, RandomNumberGenerator.Fill);
        using var instance = linked.Value.Instantiate(
            new ComponentOptions { Time = TimeProvider.System, State = [context] }, CallLimits.None, TestContext.Current.CancellationToken).Value;
        var type = loaded.Value.ExportItems.Single(export => export.Name == id).Functions.Single(candidate => candidate.Name == function).Type;
        var result = instance.Invoke(id, function, Blank.Arguments(type, named), CallLimits.None, TestContext.Current.CancellationToken);
        result.Error.ShouldBeNull();
        return result.Value!;
    }

    private static ComponentValue.Bytes Hex(JsonElement recorded, string property) => new(Convert.FromHexString(recorded.GetProperty(property).GetString()!));

    private static byte[] Find(params ReadOnlySpan<string> patterns)
    {
        var folder = Environment.GetEnvironmentVariable("GTC_UPSTREAM_FIXTURES");
        if (string.IsNullOrEmpty(folder))
        {
            Assert.Skip("GTC_UPSTREAM_FIXTURES is not set: the components that were recorded are not part of this repository.");
        }

        foreach (var pattern in patterns)
        {
            if (Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault() is { } file)
            {
                return File.ReadAllBytes(file);
            }
        }

        Assert.Skip($"GTC_UPSTREAM_FIXTURES has no {patterns[0]}.");
        return [];
    }

    private static JsonElement Transcript(string name)
    {
        var root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Gtc.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        var folder = Environment.GetEnvironmentVariable("GTC_FIXTURES") ?? Path.Combine(root ?? ".", "../shared/fixtures/upstream");
        var file = Path.Combine(folder, "transcripts", name);
        if (!File.Exists(file))
        {
            Assert.Skip($"There is no transcript {name}; GTC_FIXTURES names the folder that has them.");
        }

        return JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
    }
}
