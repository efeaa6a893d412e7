using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Fleet.Operator.Installing;

namespace Gtc.Cli.Fleet.Installing;

/// <summary>What both installers say about their lists of objects.</summary>
internal static class Applied
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>The list as one object that <c>kubectl apply -f -</c> takes.</summary>
    public static Answer Printed(ImmutableArray<JsonElement> objects) => new(_ => { }, _ => { })
    {
        Lines = output =>
        {
            var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects.Select(item => JsonObject.Create(item))]) };
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, Indented))
            {
                list.WriteTo(writer);
            }

            output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        },
    };

    /// <summary>The list by name.</summary>
    public static ImmutableArray<InstalledObject> Names(ImmutableArray<JsonElement> objects) =>
        [.. objects.Select(ClusterInstaller.Identify).Select(item => new InstalledObject(item.Kind.Kind, item.Namespace, item.Name))];

    /// <summary>Prints what was applied.</summary>
    public static void Show(Screen screen, InstalledShown shown)
    {
        foreach (var item in shown.Objects)
        {
            screen.Say($"  {item.Kind,-26}{(item.Namespace is null ? "" : $"{item.Namespace}/")}{item.Name}");
        }
    }
}
