using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Distributor;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>Track "host-pull" of the seeds: author, strip to what a fresh pod would have, boot, pull, verify, serve, answer.</summary>
internal sealed class HostPull(CliContext context, DemoFolder folder, DemoSteps steps)
{
    private static readonly TimeSpan BootPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs the track.</summary>
    /// <returns>Null on success; the worker is then running.</returns>
    public async Task<Refusal?> RunAsync(string? ownBundle, CancellationToken cancellationToken)
    {
        steps.Title($"gtc {GtcCommandLine.Version} · pull at boot");
        if (DemoWorker.Find(folder) is { } older)
        {
            await older.StopAsync(context.Time, cancellationToken);
        }

        folder.Reset();
        if (!(await PrepareAsync(ownBundle, cancellationToken)).TryGet(out var bundle, out var refusal))
        {
            return refusal;
        }

        var served = await DistributorServer.StartAsync(new DistributorOptions { Folder = folder.Bundles, Time = context.Time }, cancellationToken);
        if (!served.TryGet(out var distributor, out refusal))
        {
            return refusal;
        }

        await using (distributor)
        {
            var source = new Uri(distributor.Address, Uri.EscapeDataString(Path.GetFileName(bundle)));
            refusal = await AuthorAsync(bundle, source, cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }

            Strip();
            if (!(await BootAsync(cancellationToken)).TryGet(out var address, out refusal))
            {
                return refusal;
            }

            refusal = await AskAsync(address, cancellationToken);
            if (refusal is null)
            {
                steps.Close(
                    $"It is still running, and the distributor is gone: what it serves is on disk. Try:   curl -s http://{address}/status",
                    "Stop it with:                                                                       gtc demo host-stop");
            }

            return refusal;
        }
    }

    private async Task<Outcome<string>> PrepareAsync(string? ownBundle, CancellationToken cancellationToken)
    {
        if (ownBundle is not null)
        {
            var given = context.PathOf(ownBundle);
            if (!File.Exists(given))
            {
                return new Refusal.Missing($"there is no bundle at {given}");
            }

            var copy = Path.Combine(folder.Bundles, Path.GetFileName(given));
            File.Copy(given, copy);
            var hashed = ContentDigest.OfFile(copy, cancellationToken);
            return hashed.Then<string>(digest =>
            {
                steps.Tell("bundle", $"{Path.GetFileName(copy),-36}{Size(new FileInfo(copy).Length),-12}{Short(digest)}", [("path", given), ("digest", digest.ToString())]);
                return copy;
            });
        }

        HelloWorkerSource.WriteTo(folder.Source);
        var path = Path.Combine(folder.Bundles, "hello-worker.gtbundle");
        var built = await BundleBuilder.BuildAsync(folder.Source, path, GtcCommandLine.Version, cancellationToken);
        return built.Then<string>(bundle =>
        {
            steps.Tell("build", $"{"hello-worker.gtbundle",-36}{Size(bundle.Length),-12}{Short(bundle.Digest)}  reproducible", [("path", path), ("digest", bundle.Digest.ToString())]);
            return path;
        });
    }

    /// <summary>The seeds' sequence, as typed.</summary>
    private async Task<Refusal?> AuthorAsync(string bundle, Uri source, CancellationToken cancellationToken)
    {
        var op = new OpCalls(context, folder);
        string[][] sequence =
        [
            ["env", "create"],
            ["trust-root", "bootstrap", "local"],
            ["bundles", "add"],
            ["revisions", "stage", $"bundle_path={bundle}", $"bundle_source_uri={source}"],
            ["revisions", "warm"],
            ["traffic", "set"],
        ];
        JsonElement revision = default;
        foreach (var words in sequence)
        {
            if (!(await op.RunAsync(cancellationToken, words)).TryGet(out var result, out var refusal))
            {
                return refusal;
            }

            revision = words is ["revisions", "warm", ..] ? result : revision;
        }

        var id = revision.GetProperty("revision_id").GetString()!;
        var deployment = revision.GetProperty("bundle_id").GetString();
        steps.Tell(
            "author",
            $"env local · deployment {deployment} · revision {Shorten(id)} (staged → {revision.GetProperty("lifecycle").GetString()}) · traffic 100 %",
            [("environment", "local"), ("revision_id", id), ("deployment_id", revision.GetProperty("deployment_id").GetString()!)]);
        return null;
    }

    private void Strip()
    {
        File.Delete(Path.Combine(folder.Environment, "runtime-config.json"));
        Directory.Delete(Path.Combine(folder.Environment, "revisions"), recursive: true);
        steps.Tell("strip", "runtime-config.json and revisions/ removed: this is all a fresh pod would have", []);
    }

    private async Task<Outcome<string>> BootAsync(CancellationToken cancellationToken)
    {
        steps.Tell("boot", "gtc start --env local", []);
        var began = context.Time.GetTimestamp();
        if (!DemoWorker.Start(folder).TryGet(out var worker, out var refusal))
        {
            return refusal;
        }

        var banner = await WaitForBannerAsync(worker, cancellationToken);
        if (banner is null)
        {
            return new Refusal.Conflict($"the worker did not come up: {WorkerLog.LastMessage(folder.WorkerErrors)}") { Next = $"cat {folder.WorkerErrors}" };
        }

        var elapsed = context.Time.GetElapsedTime(began).TotalMilliseconds;
        Part("pull", 4401, line => $"{line.GetProperty("source").GetString(),-52}{Size(line.GetProperty("bytes").GetInt64()),-12}{Ms(line)}");
        Part("verify", 4402, line => $"{"sha256 matches the pinned digest",-64}{Ms(line)}");
        Part("unpack", 4403, line => $"{$"{line.GetProperty("files").GetInt64()} files, {line.GetProperty("packs").GetInt64()} pack(s)",-64}{Ms(line)}");
        var text = banner[..banner.IndexOf(". Press", StringComparison.Ordinal)];
        steps.Tell("serve", $"{text}   {elapsed.ToString("F0", CultureInfo.InvariantCulture)} ms after start", [("elapsed_ms", elapsed.ToString("F1", CultureInfo.InvariantCulture))], isPart: true);
        return text[(text.LastIndexOf("http://", StringComparison.Ordinal) + "http://".Length)..].Split(' ')[0];
    }

    private async Task<string?> WaitForBannerAsync(DemoWorker worker, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(BootPatience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var timer = new PeriodicTimer(LookEvery, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                var lines = File.Exists(folder.WorkerOutput) ? await File.ReadAllLinesAsync(folder.WorkerOutput, cancellationToken) : [];
                if (Array.Find(lines, line => line.EndsWith("Press Ctrl+C to stop.", StringComparison.Ordinal)) is { } banner)
                {
                    return banner;
                }

                if (worker.HasEnded)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // Reported by the caller, with what the worker logged.
        }

        return null;
    }

    private async Task<Refusal?> AskAsync(string address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        try
        {
            var status = JsonElement.Parse(await client.GetStringAsync("/status", cancellationToken));
            steps.Tell(
                "status",
                $"bundles_active {status.GetProperty("bundles_active")} · deployments_routed {status.GetProperty("deployments_routed")} · revisions_active {status.GetProperty("revisions_active")}",
                [("status", status.GetRawText())]);
            const string Question = "{\"text\":\"Ada\"}";
            using var body = new StringContent(Question, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await client.PostAsync("/", body, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            steps.Tell("ask", $"POST / {Question}   →   {(int)response.StatusCode}   {Reply(text)}", [("reply", text)]);
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException)
        {
            return new Refusal.FetchFailed($"the worker at {address} did not answer: {error.Message}");
        }
    }

    /// <summary>The text of the first reply, or why the flow failed.</summary>
    private static string Reply(string body)
    {
        var payload = JsonElement.Parse(body) is { ValueKind: JsonValueKind.Array } replies && replies.GetArrayLength() > 0
            ? replies[0].GetProperty("payload")
            : default;
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return body;
        }

        if (payload.TryGetProperty("text", out var text))
        {
            return $"\"{text.GetString()}\"";
        }

        return payload.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("error_kind", out var kind)
            ? $"{kind.GetString()}: {metadata.GetProperty("error_message").GetString()}"
            : payload.GetRawText();
    }

    private void Part(string name, int eventId, Func<JsonElement, string> text)
    {
        if (WorkerLog.Find(folder.WorkerErrors, eventId) is { } line)
        {
            steps.Tell(name, text(line), [("elapsed_ms", line.GetProperty("elapsed_ms").GetDouble().ToString("F3", CultureInfo.InvariantCulture))], isPart: true);
        }
    }

    private static string Ms(JsonElement line) => $"{line.GetProperty("elapsed_ms").GetDouble().ToString("F1", CultureInfo.InvariantCulture)} ms";

    private static string Size(long bytes) => bytes < 10 << 20
        ? $"{(bytes / 1024.0).ToString("F1", CultureInfo.InvariantCulture)} KiB"
        : $"{(bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture)} MiB";

    private static string Short(Sha256Digest digest) => $"sha256:{digest.Hex[..6]}…";

    private static string Shorten(string id) => $"{id[..4]}…{id[^2..]}";
}
