using System.Globalization;

namespace Gtc.Load;

internal sealed record LoadOptions(string Gtc, string Baseline, int Runs, int Mebibytes, int Generations)
{
    public static LoadOptions Parse(string[] words)
    {
        var values = words.Chunk(2).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return new(
            Path.GetFullPath(values.GetValueOrDefault("--gtc", "artifacts/gtc")),
            Path.GetFullPath(values.GetValueOrDefault("--baseline", "artifacts/bench/baseline")),
            int.Parse(values.GetValueOrDefault("--runs", "15"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--mib", "200"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--generations", "100000"), CultureInfo.InvariantCulture));
    }
}
