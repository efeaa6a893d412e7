using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Tells whether the services of a deployment run: for a while without a restart, and well where they have a health check.</summary>
internal sealed class Readiness(AgentShell shell)
{
    private static readonly TimeSpan HealthPause = TimeSpan.FromSeconds(1);

    /// <summary>Looks once.</summary>
    /// <param name="desired">The deployment.</param>
    /// <param name="isFresh">True when something was started just now, so that it has to prove itself.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null when all run, otherwise why one does not.</returns>
    public async Task<AgentError?> CheckAsync(DesiredDeployment desired, bool isFresh, CancellationToken cancellationToken)
    {
        var names = desired.Services.Select(service => (Service: service, Container: ContainerSpecs.NameOf(desired.Name, service.Name))).ToList();
        var before = new Dictionary<string, ContainerDetails>(StringComparer.Ordinal);
        foreach (var (service, container) in isFresh ? names : [])
        {
            if (!(await shell.Ports.Podman.InspectAsync(container, cancellationToken)).TryGet(out var details, out var error))
            {
                return new AgentError($"{service.Name} cannot be looked at: {error.Message}");
            }

            before[container] = details;
        }

        if (isFresh)
        {
            await Task.Delay(shell.Ports.MinReady, shell.Ports.Time, cancellationToken);
        }

        foreach (var (service, container) in names)
        {
            if (await CheckAsync(service, container, before.GetValueOrDefault(container), cancellationToken) is { } failed)
            {
                return failed;
            }
        }

        return null;
    }

    /// <summary>The last line that a container wrote, in words that can follow an error; empty without one.</summary>
    public async Task<string> LastWordsAsync(string container, CancellationToken cancellationToken)
    {
        var last = "";
        await foreach (var line in shell.Ports.Podman.LogsAsync(container, new LogQuery(Tail: 1), cancellationToken))
        {
            last = line.TryGet(out var text, out _) && text.Text.Length > 0 ? text.Text : last;
        }

        return last.Length == 0 ? "" : $"; its last line: {BoundedText.Cut(last, 200)}";
    }

    private async Task<AgentError?> CheckAsync(DesiredService service, string container, ContainerDetails? before, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!(await shell.Ports.Podman.InspectAsync(container, cancellationToken)).TryGet(out var now, out var error))
            {
                return new AgentError($"{service.Name} cannot be looked at: {error.Message}");
            }

            if (!now.State.Running || (before is not null && before.State.StartedAt != now.State.StartedAt))
            {
                return await EndedAsync(service, container, now, cancellationToken);
            }

            if (service.Service.Health is null || now.State.Health is not { Status: "starting" or "unhealthy" } health)
            {
                return null;
            }

            if (health.Status == "unhealthy")
            {
                return new AgentError($"{service.Name} runs, but its health check fails");
            }

            await Task.Delay(HealthPause, shell.Ports.Time, cancellationToken);
        }
    }

    /// <summary>A program that ended may have been meant to.</summary>
    private async Task<AgentError?> EndedAsync(DesiredService service, string container, ContainerDetails now, CancellationToken cancellationToken) =>
        !now.State.Running && now.State.ExitCode == 0 && service.Service.Restart != RestartPolicy.Always
            ? null
            : new AgentError($"{service.Name} ended with exit code {now.State.ExitCode}{await LastWordsAsync(container, cancellationToken)}");
}
