using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Fleet.Operator.Tests.Status;

public sealed class A_patch_names_what_changed
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Theory]
    [InlineData("""{"a":1,"b":{"c":2,"d":[1,2]}}""", """{"a":1,"b":{"c":3,"d":[1,2]}}""", """{"status":{"b":{"c":3}}}""")]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"a":1}""", """{"status":{"b":null}}""")]
    [InlineData("""{"b":{"c":2,"at":"x"}}""", """{"b":{"c":3}}""", """{"status":{"b":{"c":3,"at":null}}}""")]
    [InlineData("""{"b":[1,2]}""", """{"b":[1]}""", """{"status":{"b":[1]}}""")]
    [InlineData("""{}""", """{"b":{"c":2}}""", """{"status":{"b":{"c":2}}}""")]
    [InlineData("""{"b":{"c":2}}""", """{"b":{"c":2}}""", null)]
    public void It_is_the_smallest(string before, string after, string? patch) => Text(MergePatch.Between("status", JsonElement.Parse(before), JsonElement.Parse(after), [])).ShouldBe(patch);

    [Theory]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"status":{"a":1,"b":{"c":2,"x":null},"r":null}}""")]
    [InlineData("""{"b":{"c":2,"x":{"y":1}},"r":1}""", """{"status":{"b":{"c":2,"x":{"y":1,"z":null}},"r":1}}""")]
    [InlineData("""{"a":1}""", """{"status":{"a":1,"r":null}}""")]
    public void When_nobody_knows_what_was_there_it_names_every_member(string after, string patch) =>
        Text(MergePatch.Between("status", null, JsonElement.Parse(after), ["r", "b.x", "b.x.z"])).ShouldBe(patch);

    [Fact]
    public void It_makes_one_of_the_other()
    {
        var random = new Random(5);
        for (var time = 0; time < 2000; time++)
        {
            var (before, after) = (Any(random, 3), Any(random, 3));
            var patch = Text(MergePatch.Between("status", JsonSerializer.SerializeToElement(before), JsonSerializer.SerializeToElement(after), []));
            var patched = patch is null ? before.DeepClone() : Apply(before.DeepClone(), JsonNode.Parse(patch)!["status"]!.AsObject());
            JsonNode.DeepEquals(patched, after).ShouldBeTrue($"{before.ToJsonString()} and {patch} make {patched.ToJsonString()} instead of {after.ToJsonString()}");
        }
    }

    /// <summary>RFC 7396 §2.</summary>
    private static JsonObject Apply(JsonNode target, JsonObject patch)
    {
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in patch.ToList())
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject inner ? Apply(result[name]?.DeepClone() ?? new JsonObject(), inner) : value.DeepClone();
            }
        }

        return result;
    }

    private static JsonObject Any(Random random, int depth)
    {
        var result = new JsonObject();
        foreach (var name in Names.Where(_ => random.Next(3) > 0))
        {
            result[name] = random.Next(depth > 0 ? 4 : 3) switch
            {
                0 => random.Next(3),
                1 => new JsonArray(random.Next(2), random.Next(2)),
                2 => "text",
                _ => Any(random, depth - 1),
            };
        }

        return result;
    }

    private static string? Text(ReadOnlyMemory<byte>? patch) => patch is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : null;
}
