using System.Diagnostics;
using Gtc.Cli.Demo;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>
/// What a fleet does on a bad day. Each fault ends converged, or with a condition that names the cause and converges once the cause is gone; after each,
/// every device runs exactly what it has to, no container lost and none doubled.
/// </summary>
internal sealed class FleetFaults(FleetLab lab, FleetView view, FleetHand hand, DemoSteps steps)
{
    private const string Everywhere = FleetStory.Everywhere;
    private const string DeviceLabel = DeviceInfo.DeviceIdLabel;

    private DemoDevice Last => lab.Devices[^1];

    /// <summary>Runs all; <see cref="FleetStory"/> left one deployment on every device.</summary>
    /// <returns>Null when all ended well.</returns>
    public async Task<Refusal?> RunAsync(CancellationToken cancellationToken) =>
        await BrokerAsync(cancellationToken)
        ?? await OperatorAsync(cancellationToken)
        ?? await ApiServerAsync(cancellationToken)
        ?? await PowerCutAsync(cancellationToken)
        ?? await NoSuchImageAsync(cancellationToken)
        ?? await FullDiskAsync(cancellationToken)
        ?? await OnePortTwiceAsync(cancellationToken);

    private async Task<Refusal?> BrokerAsync(CancellationToken cancellationToken)
    {
        await lab.Broker.KillAsync(cancellationToken);
        if ((await EverywhereAsync("v2", cancellationToken) ?? lab.Broker.Start()) is { } refusal)
        {
            return refusal;
        }

        return await ConvergedAsync("broker", "the broker was killed and started; a change made meanwhile arrived", cancellationToken);
    }

    private async Task<Refusal?> OperatorAsync(CancellationToken cancellationToken)
    {
        await lab.Operator.KillAsync(cancellationToken);
        if ((await EverywhereAsync("v1", cancellationToken) ?? lab.Operator.Start()) is { } refusal)
        {
            return refusal;
        }

        return await ConvergedAsync("operator", "the operator was killed and started; a change made meanwhile arrived", cancellationToken);
    }

    private async Task<Refusal?> ApiServerAsync(CancellationToken cancellationToken)
    {
        await lab.Kube.KillAsync(cancellationToken);
        if (await lab.Kube.StartAgainAsync(cancellationToken) is { } refusal
            || !(await view.AnswersAsync(cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        return await EverywhereAsync("v2", cancellationToken) ?? await ConvergedAsync("api", "the API server was killed and started; a change made after it arrived", cancellationToken);
    }

    private async Task<Refusal?> PowerCutAsync(CancellationToken cancellationToken)
    {
        const string Name = "power";
        var halfway = lab.Registry.HoldAsync(lab.Images["slow"]);
        if (await hand.ApplyAsync(Name, "slow", DeviceLabel, Last.Id, port: null, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await halfway.WaitAsync(Waiting.Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new Refusal.Conflict($"{Last.Id} never began to pull; its agent said last: {Last.Agent.LastLine()}");
        }

        await Last.Agent.KillAsync(cancellationToken);
        lab.Registry.Release();
        if (Last.Agent.Start() is { } unstarted)
        {
            return unstarted;
        }

        return await OneMoreAsync(Name, cancellationToken) ?? Said("power", $"agent of {Last.Id} was killed in the middle of a pull and started: the image is whole, the container runs") ?? await RemoveAsync(Name, cancellationToken);
    }

    private async Task<Refusal?> NoSuchImageAsync(CancellationToken cancellationToken)
    {
        const string Name = "image";
        if (await hand.ApplyAsync(Name, "v1", DeviceLabel, Last.Id, port: null, cancellationToken) is { } refusal
            || !(await view.CensusAsync(Last, [Everywhere, Name], cancellationToken)).TryGet(out var before, out refusal))
        {
            return refusal;
        }

        refusal = await hand.ApplyAsync(Name, "nobody-made-this", DeviceLabel, Last.Id, port: null, cancellationToken) ?? await NamesTheCauseAsync("image", Name, "nobody-made-this", cancellationToken);
        if (refusal is not null || !(await view.CensusAsync(Last, [Everywhere, Name], cancellationToken)).TryGet(out var after, out refusal))
        {
            return refusal;
        }

        if (after[1].Id != before[1].Id)
        {
            return new Refusal.Conflict("an image that does not exist replaced the container that ran, it was expected to stay");
        }

        refusal = Said("image", "the container of before went on meanwhile", isPart: true) ?? await hand.ApplyAsync(Name, "v2", DeviceLabel, Last.Id, port: null, cancellationToken);
        return refusal ?? await OneMoreAsync(Name, cancellationToken) ?? await RemoveAsync(Name, cancellationToken);
    }

    private async Task<Refusal?> FullDiskAsync(CancellationToken cancellationToken)
    {
        const string Name = "disk";
        const long Left = 24 << 20;
        if ((lab.Disk.Fill(Left) ?? await hand.ApplyAsync(Name, "large", DeviceLabel, Last.Id, port: null, cancellationToken) ?? await NamesTheCauseAsync("disk", Name, "space", cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        lab.Disk.Free();
        return await OneMoreAsync(Name, cancellationToken) ?? Said("disk", "with room again it ran by itself", isPart: true) ?? await RemoveAsync(Name, cancellationToken);
    }

    private async Task<Refusal?> OnePortTwiceAsync(CancellationToken cancellationToken)
    {
        var port = FleetLab.FreePort();
        if (await hand.ApplyAsync("first", "v1", DeviceLabel, Last.Id, port, cancellationToken) is { } refusal
            || !(await view.PageAsync(port, "hello from v1", cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        var number = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        refusal = await hand.ApplyAsync("second", "v2", DeviceLabel, Last.Id, port, cancellationToken) ?? await NamesTheCauseAsync("port", "second", number, cancellationToken);
        if (refusal is not null || !(await view.PageAsync(port, "hello from v1", cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        refusal = await hand.DeleteAsync("first", cancellationToken);
        if (refusal is not null || !(await view.PageAsync(port, "hello from v2", cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        return await OneMoreAsync("second", cancellationToken) ?? Said("port", "the second got the port when the first was deleted", isPart: true) ?? await RemoveAsync("second", cancellationToken);
    }

    private Task<Refusal?> EverywhereAsync(string tag, CancellationToken cancellationToken) => hand.ApplyAsync(Everywhere, tag, FleetLab.Label, FleetLab.LabelValue, port: null, cancellationToken);

    /// <summary>The deployment of all devices is at its present generation everywhere, and every device runs it and nothing else.</summary>
    private async Task<Refusal?> ConvergedAsync(string name, string text, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var all = lab.Devices.Length;
        if (!(await view.StatusAsync(Everywhere, $"succeeded is {all}", FleetStory.Is(all, all, 0), cancellationToken)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        foreach (var device in lab.Devices)
        {
            if (!(await view.CensusAsync(device, [Everywhere], cancellationToken)).TryGet(out _, out refusal))
            {
                return refusal;
            }
        }

        steps.Tell(name, $"{text}, {FleetStory.Seconds(began)} later", [("fault", name)]);
        return null;
    }

    /// <summary>The last device runs one deployment besides that of all, and the status says so.</summary>
    private async Task<Refusal?> OneMoreAsync(string name, CancellationToken cancellationToken) =>
        (await view.StatusAsync(name, "succeeded is 1", FleetStory.Is(1, 1, 0), cancellationToken)).TryGet(out _, out var refusal)
        && (await view.CensusAsync(Last, [Everywhere, name], cancellationToken)).TryGet(out _, out refusal) ? null : refusal;

    /// <summary>The status says that it failed, and why.</summary>
    private async Task<Refusal?> NamesTheCauseAsync(string step, string name, string cause, CancellationToken cancellationToken)
    {
        var seen = await view.StatusAsync(
            name,
            $"failed is 1, and the error names `{cause}`",
            aggregate => aggregate is { MatchedDeviceCount: 1, Failed: 1 } && aggregate.LastError?.Message.Contains(cause, StringComparison.OrdinalIgnoreCase) == true,
            cancellationToken);
        if (!seen.TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        if (FleetView.ConditionOf(found.Status!.Conditions, "Degraded") is not { Status: "True" })
        {
            return new Refusal.Conflict($"{name} failed on a device, but its condition Degraded is not True");
        }

        steps.Tell(step, $"Degraded: {found.Status.Aggregate!.LastError!.Message}", [("fault", step), ("error", found.Status.Aggregate.LastError.Message)]);
        return null;
    }

    private async Task<Refusal?> RemoveAsync(string name, CancellationToken cancellationToken) =>
        await hand.DeleteAsync(name, cancellationToken)
        ?? ((await view.GoneAsync(name, cancellationToken)).TryGet(out _, out var refusal) && (await view.CensusAsync(Last, [Everywhere], cancellationToken)).TryGet(out _, out refusal) ? null : refusal);

    private Refusal? Said(string name, string text, bool isPart = false)
    {
        steps.Tell(name, text, [("fault", name)], isPart);
        return null;
    }
}
