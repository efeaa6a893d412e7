using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>docs/reference/store-openapi.json is what the code says. GTC_WRITE_REFERENCE=1 writes it.</summary>
public sealed class The_published_document_is_current
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Nothing_drifted()
    {
        var path = Path.Combine(Root(), "docs", "reference", "store-openapi.json");
        var made = Document().ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("GTC_WRITE_REFERENCE") == "1")
        {
            File.WriteAllText(path, made);
        }

        File.ReadAllText(path).ShouldBe(made);
    }

    [Fact]
    public void Every_operation_has_an_id_of_its_own_and_a_summary()
    {
        var operations = Document()["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!).ToList();
        operations.Count.ShouldBe(StoreContract.Routes.Length);
        operations.Select(operation => operation["operationId"]!.GetValue<string>()).Distinct().Count().ShouldBe(operations.Count);
        operations.ShouldAllBe(operation => operation["summary"]!.GetValue<string>().Length > 10);
    }

    [Fact]
    public void Every_reference_leads_to_something()
    {
        var document = Document();
        var references = References(document).Distinct().ToList();
        references.Count.ShouldBeGreaterThan(10);
        foreach (var reference in references)
        {
            reference.Split('/')[1..].Aggregate((JsonNode?)document, (node, step) => node is JsonArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)] : node?[step]).ShouldNotBeNull(reference);
        }
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member is { Key: "$ref", Value: JsonValue target } ? [target.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static JsonNode Document()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            OpenApiDocument.Write(writer);
        }

        return JsonNode.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan))!;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder.FullName;
    }
}
