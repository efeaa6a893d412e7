using System.Diagnostics;
using Gtc.Cli.Demo;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>One demo from its first server to its end.</summary>
internal sealed class FleetDemo(CliContext context, string root, string repository, int devices, DemoSteps steps)
{
    /// <summary>Brings everything up, tells the story or hands over, and takes everything away.</summary>
    /// <param name="isAuto">Whether the story is told.</param>
    /// <param name="keeps">Whether everything stays at the end.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public async Task<Refusal?> RunAsync(bool isAuto, bool keeps, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        steps.Title($"gtc {GtcCommandLine.Version} · a fleet of {devices} devices on this machine");
        await using var lab = new FleetLab(context, root, repository, devices);
        Refusal? refusal = null;
        try
        {
            refusal = await PlayAsync(lab, isAuto, cancellationToken);
            if (refusal is null && isAuto)
            {
                steps.Tell("done", $"everything ended as it should, after {FleetStory.Seconds(began)}", [("devices", string.Join(',', lab.Devices.Select(device => device.Id)))]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            steps.Tell("stop", "interrupted", []);
        }

        if (keeps)
        {
            steps.Tell("keep", $"everything but the registry runs on; its logs are below {root}", [("next", "gtc fleet demo --down")]);
            return refusal;
        }

        // Whoever interrupts wants the servers gone, so what takes them away is not interrupted.
        var left = await FleetLab.DownAsync(context, root, repository, CancellationToken.None);
        steps.Tell("down", "servers, devices and containers are gone", [("folder", root)]);
        return refusal ?? left;
    }

    private async Task<Refusal?> PlayAsync(FleetLab lab, bool isAuto, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(context.OpenHttp()) { Timeout = TimeSpan.FromSeconds(2) };
        var waiting = new Waiting(context.Time);
        var view = new FleetView(lab, waiting, http);
        var hand = new FleetHand(lab, waiting, context.Time);
        if (await lab.UpAsync(hand, steps, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var story = new FleetStory(lab, view, hand, steps);
        if (isAuto)
        {
            return await story.RunAsync(cancellationToken) ?? await new FleetFaults(lab, view, hand, steps).RunAsync(cancellationToken);
        }

        if (await story.JoinAsync(cancellationToken) is { } absent)
        {
            return absent;
        }

        FleetMenu.Tell(steps, lab, string.Join(' ', context.Program));
        steps.Close("Nothing is applied yet. Ctrl-C takes everything away.");
        await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, cancellationToken);
        return null;
    }
}
