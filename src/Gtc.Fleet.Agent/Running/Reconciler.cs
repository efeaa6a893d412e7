using System.Collections.Immutable;
using Gtc.Fleet.Agent.Device;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Makes the containers of one deployment what they have to be (fleet.md §8.3). Every call begins with what is there, so it may be cut off anywhere.</summary>
internal sealed class Reconciler(AgentShell shell, ImageStore images)
{
    private const int StartTries = 5;
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(300);

    private PodmanClient Podman => shell.Ports.Podman;

    /// <summary>The containers of this device, or why they are not known.</summary>
    public async Task<AgentResult<ImmutableArray<ActualContainer>>> LookAsync(CancellationToken cancellationToken) =>
        (await Podman.ListAsync(FleetLabels.OfDevice(shell.Config.Device), cancellationToken)).TryGet(out var list, out var error)
            ? ImmutableArray.CreateRange(list.Select(container => FleetLabels.Read(container, shell.Config.Device)).OfType<ActualContainer>())
            : new AgentError($"podman cannot be asked: {error.Message}");

    /// <summary>Makes it so.</summary>
    /// <returns>True when something was done, false when everything was as it has to be.</returns>
    public async Task<AgentResult<bool>> ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken)
    {
        if (!(await LookAsync(cancellationToken)).TryGet(out var actual, out var error))
        {
            return error;
        }

        var mine = actual.Where(container => container.Deployment == desired.Name).ToImmutableArray();
        var plan = ServiceDiff.Plan(desired.Services, mine);
        var isDrift = plan.Any(action => action is not ServiceAction.Keep);
        if (!isDrift && shell.Book.Read(desired.Name).AppliedHash == desired.Hash)
        {
            return false;
        }

        shell.Step(AgentStep.Report);
        shell.Book.Report(desired.Name, DeploymentPhase.Pending, null, desired.Hash);
        if (isDrift && FindPortProblem(desired, actual, mine) is { } clash)
        {
            return new AgentError(clash);
        }

        shell.Step(AgentStep.WriteFiles);
        shell.Store.SaveFiles(desired.Name, desired.Files);
        foreach (var action in plan)
        {
            if (await DoAsync(desired, action, cancellationToken) is { } failed)
            {
                return failed;
            }
        }

        shell.Step(AgentStep.RecordApplied);
        shell.Store.TrimFiles(desired.Name, desired.Files);
        shell.Book.Applied(desired.Name, desired.Hash);
        return true;
    }

    /// <summary>Removes every container of a deployment.</summary>
    /// <returns>Why they are not all gone, or null.</returns>
    public async Task<AgentError?> RemoveAsync(DeploymentName name, CancellationToken cancellationToken)
    {
        if (!(await LookAsync(cancellationToken)).TryGet(out var actual, out var error))
        {
            return error;
        }

        foreach (var container in actual.Where(container => container.Deployment == name))
        {
            shell.Step(AgentStep.RemoveGone);
            if (await RemoveAsync(container, cancellationToken) is { } failed)
            {
                return failed;
            }
        }

        return null;
    }

    private string? FindPortProblem(DesiredDeployment desired, ImmutableArray<ActualContainer> actual, ImmutableArray<ActualContainer> mine)
    {
        if (PortClaims.FindClash(desired.Name, desired.Services, shell.Claims, actual) is { } clash)
        {
            return clash;
        }

        var held = mine.Where(container => container.IsRunning).SelectMany(container => container.Ports).ToList();
        var listening = ListeningPorts.Read();
        return desired.Services.SelectMany(service => service.Ports).Where(port => !held.Any(port.Meets)).FirstOrDefault(port => listening.Any(port.Meets)) is { } taken
            ? $"port {taken} is listened on by another program of this device"
            : null;
    }

    private async Task<AgentError?> DoAsync(DesiredDeployment desired, ServiceAction action, CancellationToken cancellationToken) => action switch
    {
        ServiceAction.Remove remove => await RemoveAsync(remove.Container, cancellationToken),
        ServiceAction.Start start => await StartAsync(start.Service.Name, start.Container.Name, tries: 1, cancellationToken),
        ServiceAction.Make make => await MakeAsync(desired, make, cancellationToken),
        _ => null,
    };

    private async Task<AgentError?> MakeAsync(DesiredDeployment desired, ServiceAction.Make make, CancellationToken cancellationToken)
    {
        var service = make.Service;
        // Before the old one is touched: when the image cannot be had, the old one runs on.
        if (!(await images.EnsureAsync(service.Service, cancellationToken)).TryGet(out var image, out var missing))
        {
            return missing;
        }

        foreach (var old in make.Old)
        {
            shell.Step(AgentStep.RemoveOld);
            if (await RemoveAsync(old, cancellationToken) is { } failed)
            {
                return failed;
            }
        }

        shell.Step(AgentStep.Create);
        var spec = ContainerSpecs.Of(shell.Config.Device, desired, service, image, shell.Store.FilesFolder(desired.Name), shell.Config.Limits, shell.Ports.Grace);
        if (!(await Podman.CreateAsync(spec, cancellationToken)).TryGet(out _, out var error))
        {
            return error.Kind == PodmanErrorKind.NameInUse
                ? new AgentError($"a container named {spec.Name} is there that the fleet did not make; it is not touched. Rename or remove it")
                : new AgentError($"the container of {service.Name} cannot be made: {error.Message}");
        }

        // What held the ports a moment ago may need another one to let go of them.
        return await StartAsync(service.Name, spec.Name, make.Old.IsEmpty ? 1 : StartTries, cancellationToken);
    }

    private async Task<AgentError?> StartAsync(string service, string container, int tries, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            shell.Step(AgentStep.Start);
            if ((await Podman.StartAsync(container, cancellationToken)).TryGet(out _, out var error))
            {
                return null;
            }

            if (error.Kind != PodmanErrorKind.PortInUse || attempt >= tries)
            {
                return new AgentError(error.Kind switch
                {
                    PodmanErrorKind.LimitRefused => $"{service} cannot be started, since this host may not set a limit: {error.Message}. Limits of memory and processor need cgroup delegation; limits of files and processes are set by podman.nofile and podman.nproc of the agent",
                    _ => $"{service} cannot be started: {error.Message}",
                });
            }

            await Task.Delay(StartPause, shell.Ports.Time, cancellationToken);
        }
    }

    private async Task<AgentError?> RemoveAsync(ActualContainer container, CancellationToken cancellationToken)
    {
        // First with its time to end, then for good: removing alone would end it at once on older podman.
        if (container.IsRunning && (await Podman.StopAsync(container.Id, shell.Ports.Grace, cancellationToken)).Error is { Kind: not PodmanErrorKind.NotFound } stuck)
        {
            return new AgentError($"the container {container.Name} cannot be stopped: {stuck.Message}");
        }

        return (await Podman.RemoveAsync(container.Id, shell.Ports.Grace, cancellationToken)).Error is { } error
            ? new AgentError($"the container {container.Name} cannot be removed: {error.Message}")
            : null;
    }
}
