using System.Diagnostics;
using System.Globalization;
using Gtc.Cli.Demo;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>What a fleet does on a good day: a deployment reaches a device, is upgraded, follows labels, survives the device's reboot, and goes.</summary>
internal sealed class FleetStory(FleetLab lab, FleetView view, FleetHand hand, DemoSteps steps)
{
    /// <summary>Runs on every device.</summary>
    public const string Everywhere = "everywhere";

    private const string Hello = "hello";
    private const string Kiosk = "kiosk";
    private readonly int _port = FleetLab.FreePort();

    private DemoDevice First => lab.Devices[0];

    /// <summary>Tells it.</summary>
    /// <returns>Null when all came true.</returns>
    public async Task<Refusal?> RunAsync(CancellationToken cancellationToken) =>
        await JoinAsync(cancellationToken)
        ?? await FirstAsync(cancellationToken)
        ?? await UpgradeAsync(cancellationToken)
        ?? await RelabelAsync(cancellationToken)
        ?? await RebootAsync(cancellationToken)
        ?? await EverywhereAsync(cancellationToken)
        ?? await DeleteAsync(cancellationToken);

    /// <summary>Waits for all devices.</summary>
    public async Task<Refusal?> JoinAsync(CancellationToken cancellationToken)
    {
        foreach (var device in lab.Devices)
        {
            if (!(await view.ReachableAsync(device, cancellationToken)).TryGet(out _, out var refusal))
            {
                return refusal;
            }
        }

        steps.Tell("joined", $"{lab.Devices.Length} devices said what they are and are reachable", [("devices", string.Join(',', lab.Devices.Select(device => device.Id)))]);
        return null;
    }

    private async Task<Refusal?> FirstAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if ((await view.LabelAsync(First, Kiosk, "yes", cancellationToken) ?? await hand.ApplyAsync(Hello, "v1", Kiosk, "yes", _port, cancellationToken)) is { } refusal
            || !(await view.PageAsync(_port, "hello from v1", cancellationToken)).TryGet(out _, out refusal)
            || !(await view.CensusAsync(First, [Hello], cancellationToken)).TryGet(out _, out refusal)
            || !(await view.StatusAsync(Hello, "succeeded is 1", Is(1, 1, 0), cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("apply", $"v1 answers on {First.Id}, aggregate.succeeded is 1, after {Seconds(began)}", [("deployment", Hello), ("device", First.Id), ("port", Number(_port))]);
        return null;
    }

    private async Task<Refusal?> UpgradeAsync(CancellationToken cancellationToken)
    {
        if (!(await view.CensusAsync(First, [Hello], cancellationToken)).TryGet(out var before, out var refusal))
        {
            return refusal;
        }

        var began = Stopwatch.GetTimestamp();
        refusal = await hand.ApplyAsync(Hello, "v2", Kiosk, "yes", _port, cancellationToken);
        if (refusal is not null
            || !(await view.PageAsync(_port, "hello from v2", cancellationToken)).TryGet(out _, out refusal)
            || !(await view.StatusAsync(Hello, "succeeded is 1", Is(1, 1, 0), cancellationToken)).TryGet(out _, out refusal)
            || !(await view.CensusAsync(First, [Hello], cancellationToken)).TryGet(out var after, out refusal))
        {
            return refusal;
        }

        if (after[0].Id == before[0].Id)
        {
            return new Refusal.Conflict($"the container kept its id {after[0].Id}, a new one was expected after an upgrade");
        }

        steps.Tell("upgrade", $"v2 answers from another container, after {Seconds(began)}", [("before", before[0].Id), ("after", after[0].Id)]);
        return null;
    }

    private async Task<Refusal?> RelabelAsync(CancellationToken cancellationToken)
    {
        if (await view.LabelAsync(First, Kiosk, null, cancellationToken) is { } refusal
            || !(await view.StatusAsync(Hello, "matches nothing", Is(0, 0, 0), cancellationToken)).TryGet(out _, out refusal)
            || !(await view.CensusAsync(First, [], cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("relabel", $"{First.Id} lost its label and its container", [("matched", "0")]);
        refusal = await view.LabelAsync(First, Kiosk, "yes", cancellationToken);
        if (refusal is not null
            || !(await view.PageAsync(_port, "hello from v2", cancellationToken)).TryGet(out _, out refusal)
            || !(await view.StatusAsync(Hello, "succeeded is 1", Is(1, 1, 0), cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("relabel", "and got both back", [("matched", "1")], isPart: true);
        return null;
    }

    private async Task<Refusal?> RebootAsync(CancellationToken cancellationToken)
    {
        if (!(await view.CensusAsync(First, [Hello], cancellationToken)).TryGet(out var containers, out var refusal))
        {
            return refusal;
        }

        await First.Agent.KillAsync(cancellationToken);
        if ((await First.StopContainerAsync(containers[0].Name, cancellationToken) ?? First.Agent.Start()) is { } failed)
        {
            return failed;
        }

        if (!(await view.PageAsync(_port, "hello from v2", cancellationToken)).TryGet(out _, out refusal)
            || !(await view.CensusAsync(First, [Hello], cancellationToken)).TryGet(out _, out refusal)
            || !(await view.StatusAsync(Hello, "succeeded is 1", Is(1, 1, 0), cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("reboot", $"agent of {First.Id} killed and its container stopped: back by itself", [("device", First.Id)]);
        return null;
    }

    private async Task<Refusal?> EverywhereAsync(CancellationToken cancellationToken)
    {
        var all = lab.Devices.Length;
        if (await hand.ApplyAsync(Everywhere, "v1", FleetLab.Label, FleetLab.LabelValue, port: null, cancellationToken) is { } refusal
            || !(await view.StatusAsync(Everywhere, $"succeeded is {all}", Is(all, all, 0), cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("fleet", $"one resource, {all} devices, aggregate.succeeded is {all}", [("succeeded", Number(all))]);
        return null;
    }

    private async Task<Refusal?> DeleteAsync(CancellationToken cancellationToken)
    {
        if (await hand.DeleteAsync(Hello, cancellationToken) is { } refusal
            || !(await view.GoneAsync(Hello, cancellationToken)).TryGet(out _, out refusal)
            || !(await view.CensusAsync(First, [Everywhere], cancellationToken)).TryGet(out _, out refusal)
            || !(await hand.KeyIsGoneAsync(First, Hello, cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("delete", "resource, container and key are gone, the finalizer let go", [("deployment", Hello)]);
        return null;
    }

    /// <summary>Counters as wanted; nothing pending beyond them.</summary>
    internal static Func<FleetAggregate, bool> Is(long matched, long succeeded, long failed) =>
        aggregate => aggregate.MatchedDeviceCount == matched && aggregate.Succeeded == succeeded && aggregate.Failed == failed;

    /// <summary>Time since then, for people.</summary>
    internal static string Seconds(long began) => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
