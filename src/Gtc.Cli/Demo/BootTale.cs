using System.Text.Json;

namespace Gtc.Cli.Demo;

/// <summary>Tells from a worker's log how it booted: pulled, verified, unpacked.</summary>
internal static class BootTale
{
    public static void Tell(DemoSteps steps, IReadOnlyList<string> log)
    {
        Part("pull", 4401, line => $"{line.GetProperty("source").GetString(),-51} {DemoText.Size(line.GetProperty("bytes").GetInt64()),-12}{DemoText.Ms(line)}");
        Part("verify", 4402, line => $"{"sha256 matches the pinned digest",-64}{DemoText.Ms(line)}");
        Part("unpack", 4403, line => $"{$"{line.GetProperty("files").GetInt64()} files, {line.GetProperty("packs").GetInt64()} pack(s)",-64}{DemoText.Ms(line)}");

        void Part(string name, int eventId, Func<JsonElement, string> text)
        {
            if (WorkerLog.Find(log, eventId) is { } line)
            {
                steps.Tell(name, text(line), [("elapsed_ms", line.GetProperty("elapsed_ms").GetDouble().ToString("F3", System.Globalization.CultureInfo.InvariantCulture))], isPart: true);
            }
        }
    }
}
