using System.Runtime.Intrinsics;
using Gtc.Wasm.Reference;
using Gtc.Wasm.SpecRunner;

namespace Gtc.Wasm.Tests;

/// <summary>What one engine makes of a module: how every export ends, with which results, and the memory after all of them.</summary>
internal static class Comparison
{
    /// <summary>The last line of a story that ended at a limit of the host, where engines may differ.</summary>
    public const string Open = "open";

    /// <summary>Runs every exported function, with arguments from a seed; "refill", if there is one, before each.</summary>
    public static List<string> Run(ISpecEngine engine, byte[] module, int seed)
    {
        var random = new Random(seed);
        var story = new List<string>();
        var made = engine.Instantiate(module, new Dictionary<string, ISpecInstance>());
        if (made.Instance is not { } instance)
        {
            return made.Ending == SpecEnding.Trapped ? [$"instantiate: {made.Message}"] : [Open];
        }

        var decoded = WasmModule.Load(module, WasmLimits.Default).Value;
        var refills = decoded.Exports.Any(export => export is { Name: "refill", Kind: ExternalKind.Function } && decoded.TypeOf((int)export.Index).Equals(FunctionType.Empty));
        for (var round = 0; round < 2; round++)
        {
            foreach (var export in decoded.Exports.Where(export => export.Kind == ExternalKind.Function))
            {
                var type = decoded.TypeOf((int)export.Index);
                var arguments = type.Parameters.Select(parameter => Argument(parameter, random)).ToArray();
                if (refills)
                {
                    instance.Invoke("refill", []);
                }

                var outcome = instance.Invoke(export.Name, arguments);
                if (outcome.Ending is SpecEnding.Stopped or SpecEnding.Exhausted)
                {
                    story.Add(Open);
                    return story;
                }

                story.Add($"{export.Name}({string.Join(", ", arguments)}): {outcome.Ending} {outcome.Message} {Show(outcome.Values, type)}");
            }
        }

        story.Add($"memory: {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(instance.Memory("memory")))}");
        return story;
    }

    private static Value Argument(ValueType type, Random random) => type switch
    {
        ValueType.I32 => Value.Of(Edge(random, (int)random.NextInt64())),
        ValueType.I64 => Value.Of(random.Next(2) == 0 ? random.NextInt64() : Edge(random, 5)),
        ValueType.F32 => Value.Of(Edge(random, 3) * 0.75f),
        ValueType.F64 => Value.Of(Edge(random, 3) * 0.75),
        ValueType.V128 => Value.Of(Vector128.Create(random.NextInt64(), Edge(random, 9))),
        _ => Value.To(null),
    };

    private static int Edge(Random random, int other) => random.Next(7) switch
    {
        0 => 0,
        1 => -1,
        2 => int.MinValue,
        3 => int.MaxValue,
        4 => random.Next(256),
        _ => other,
    };

    // Of a 32-bit result only 32 bits count.
    private static string Show(Value[]? values, FunctionType type) => values is null ? "" : string.Join(", ", values.Zip(type.Results, (value, result) => result switch
    {
        ValueType.I32 or ValueType.F32 => $"{(uint)value.Low:x8}",
        ValueType.I64 or ValueType.F64 => $"{value.Low:x16}",
        ValueType.V128 => $"{value.High:x16}{value.Low:x16}",
        _ => value.Reference is null ? "null" : "reference",
    }));
}
