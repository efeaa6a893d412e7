using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Artifacts.Tests.Cbor;

/// <summary>Random JSON documents as text.</summary>
internal static class JsonValues
{
    public static Gen<string> Any { get; } = Gen.Sized(size => Value(Math.Min(size, 20)));

    private static Gen<string> Text { get; } =
        Gen.Elements("", "a", "ü€", "😀", "{{entry.text}}", "\u0001", "\"quoted\"", "long text that does not fit into one byte of length").Select(text => JsonSerializer.Serialize(text));

    private static Gen<string> Scalar { get; } = Gen.OneOf(
        Text,
        Gen.Elements("null", "true", "false", "0", "23", "24", "255", "65536", "-1", "-9223372036854775808", "18446744073709551615", "1.5", "1E+300", "0.1"));

    private static Gen<string> Value(int size) => size <= 1 ? Scalar : Gen.OneOf(Scalar, List(size), Map(size));

    private static Gen<string> List(int size) => Gen.Choose(0, 4).SelectMany(count =>
        Gen.ArrayOf(Value(size / 2), count)).Select(items => $"[{string.Join(',', items)}]");

    private static Gen<string> Map(int size) => Gen.Choose(0, 4).SelectMany(count =>
        Gen.ArrayOf(Value(size / 2), count)).Select(items => $"{{{string.Join(',', items.Select((item, i) => $"\"k{i}{new string('x', i * 9)}\":{item}"))}}}");
}
