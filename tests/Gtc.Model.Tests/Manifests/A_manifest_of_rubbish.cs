using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model.Tests.Manifests;

public sealed class A_manifest_of_rubbish
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "18446744073709551616", "\"\"", "\" \"", "\"x\"", "[]", "{}", "[null]", "[1]", "{\"a\":null}",
        "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"../..\"", "\"secret://\"", "\"@\"", "\"a.b@1.0.0\"", "\"oci://\"", "\"http://[\"", "\"127.0.0.1:\"", "4294967295",
    ];

    /// <summary>50,000 manifests with one to four wounds each, in the tree or in the bytes.</summary>
    [Fact]
    public void Is_refused_with_a_path_and_never_throws()
    {
        var random = new Random(20261120);
        var refused = 0;
        for (var turn = 0; turn < 50_000; turn++)
        {
            var bytes = turn % 4 == 0 ? Bytes(random) : Tree(random);
            var outcome = Gtc.Model.Manifests.Parse(bytes);
            if (outcome.Refusal is not { } refusal)
            {
                Gtc.Model.Manifests.Digest(outcome.Value);
                continue;
            }

            refused++;
            (refusal is Refusal.UnreadableAnswers or Refusal.InvalidArgument).ShouldBeTrue(refusal.ToString());
            (refusal.Details.Any(detail => detail.Label == "at") || refusal.Message.Contains("UTF-8", StringComparison.Ordinal)).ShouldBeTrue(refusal.Message);
        }

        refused.ShouldBeGreaterThan(25_000);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = ManifestText.Bytes(ManifestText.Full);
        for (var wound = random.Next(1, 5); wound > 0; wound--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static byte[] Tree(Random random) => ManifestText.With(root =>
    {
        for (var wound = random.Next(1, 5); wound > 0; wound--)
        {
            var places = Places(root).ToList();
            if (places.Count > 0)
            {
                Wound(places[random.Next(places.Count)], random);
            }
        }
    });

    private static void Wound((JsonNode Parent, string Key) place, Random random)
    {
        var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (place.Parent is JsonArray array)
        {
            var index = int.Parse(place.Key, System.Globalization.CultureInfo.InvariantCulture);
            switch (random.Next(3))
            {
                case 0:
                    array.RemoveAt(index);
                    break;
                case 1:
                    array.Add(array[index]?.DeepClone());
                    break;
                default:
                    array[index] = value;
                    break;
            }

            return;
        }

        var owner = (JsonObject)place.Parent;
        switch (random.Next(3))
        {
            case 0:
                owner.Remove(place.Key);
                break;
            case 1:
                owner[place.Key + "x"] = value;
                break;
            default:
                owner[place.Key] = value;
                break;
        }
    }

    private static IEnumerable<(JsonNode Parent, string Key)> Places(JsonNode node) => node switch
    {
        JsonObject owner => owner.SelectMany(member => new[] { ((JsonNode)owner, member.Key) }.Concat(member.Value is null ? [] : Places(member.Value))),
        JsonArray array => array.SelectMany((item, index) => new[] { ((JsonNode)array, $"{index}") }.Concat(item is null ? [] : Places(item))),
        _ => [],
    };
}
