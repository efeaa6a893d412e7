using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
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
        if (!(await new DemoBundle(context, folder, steps).PrepareAsync(ownBundle, cancellationToken)).TryGet(out var bundle, out var refusal))
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
            if (!(await new Authoring(new OpCalls(context, folder), steps).RunAsync(bundle, source, null, cancellationToken)).TryGet(out _, out refusal))
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
            return new Refusal.Conflict($"the worker did not come up: {WorkerLog.LastMessage(WorkerLog.Read(folder.WorkerErrors))}") { Next = $"cat {folder.WorkerErrors}" };
        }

        var elapsed = context.Time.GetElapsedTime(began).TotalMilliseconds;
        BootTale.Tell(steps, [.. WorkerLog.Read(folder.WorkerErrors)]);
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
                if (WorkerLog.Banner(WorkerLog.Read(folder.WorkerOutput)) is { } banner)
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
            steps.Tell("status", DemoText.Active(status), [("status", status.GetRawText())]);
            const string Question = "{\"text\":\"Ada\"}";
            using var body = new StringContent(Question, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await client.PostAsync("/", body, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            steps.Tell("ask", $"POST / {Question}   →   {(int)response.StatusCode}   {DemoText.Reply(text)}", [("reply", text)]);
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or JsonException)
        {
            return new Refusal.FetchFailed($"the worker at {address} did not answer: {error.Message}");
        }
    }
}
