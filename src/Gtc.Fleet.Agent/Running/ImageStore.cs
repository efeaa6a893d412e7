using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Sees to it that an image is in podman's store before anything is touched for it.</summary>
internal sealed class ImageStore(AgentShell shell, OwnImages own)
{
    private string? _folder;

    /// <summary>The name under which the image is in the store, or why it is not.</summary>
    public async Task<AgentResult<string>> EnsureAsync(PodmanService service, CancellationToken cancellationToken)
    {
        var sources = ImageSources.Of(service.Image, shell.Config.Registries);
        if (service.Pull != PullPolicy.Always)
        {
            foreach (var source in sources)
            {
                if (!(await shell.Ports.Podman.HasImageAsync(source.Reference, cancellationToken)).TryGet(out var isThere, out var error))
                {
                    return new AgentError($"the image {service.Image} of {service.Name} cannot be looked for: {error.Message}");
                }

                if (isThere)
                {
                    return source.Reference;
                }
            }

            if (service.Pull == PullPolicy.Never)
            {
                return new AgentError($"the image {service.Image} of {service.Name} is not on this device, and its pull policy is Never");
            }
        }

        if (await SpaceProblemAsync(service, cancellationToken) is { } full)
        {
            return full;
        }

        var reasons = new List<string>();
        foreach (var source in sources)
        {
            shell.Step(AgentStep.Pull);
            if ((await own.PullAsync(source, cancellationToken)).TryGet(out _, out var error))
            {
                return source.Reference;
            }

            reasons.Add(sources.Length == 1 ? error.Message : $"{source.Reference}: {error.Message}");
        }

        return new AgentError($"the image {service.Image} of {service.Name} cannot be pulled: {string.Join("; ", reasons)}");
    }

    private async Task<AgentError?> SpaceProblemAsync(PodmanService service, CancellationToken cancellationToken)
    {
        if (_folder is null && (await shell.Ports.Podman.HostAsync(cancellationToken)).TryGet(out var host, out _) && host.StorageFolder.Length > 0)
        {
            _folder = host.StorageFolder;
        }

        if (FreeMb() is not { } free || free >= shell.Config.MinFreeMb)
        {
            return null;
        }

        await own.SweepAsync(isShort: true, cancellationToken);
        return FreeMb() is { } left && left < shell.Config.MinFreeMb
            ? new AgentError($"the image {service.Image} of {service.Name} is not pulled: {left} MiB are free below {_folder}, at least {shell.Config.MinFreeMb} have to stay; remove images that are not used (podman image prune -a) or lower limits.min_free_mb")
            : null;
    }

    private long? FreeMb() => _folder is null ? null : shell.Ports.FreeMb(_folder);
}
