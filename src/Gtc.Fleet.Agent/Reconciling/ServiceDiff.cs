using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>One thing to do so that what is there becomes what has to be there. A closed family.</summary>
internal abstract record ServiceAction
{
    private ServiceAction()
    {
    }

    /// <summary>Nothing: the container is as it has to be.</summary>
    public sealed record Keep(DesiredService Service, ActualContainer Container) : ServiceAction;

    /// <summary>Run a container that is there and does not run.</summary>
    public sealed record Start(DesiredService Service, ActualContainer Container) : ServiceAction;

    /// <summary>Make a container, after those of the service that are there were removed; they may be none.</summary>
    public sealed record Make(DesiredService Service, ImmutableArray<ActualContainer> Old) : ServiceAction;

    /// <summary>Remove a container that no service wants.</summary>
    public sealed record Remove(ActualContainer Container) : ServiceAction;
}

/// <summary>Desired services against containers that are there.</summary>
internal static class ServiceDiff
{
    /// <summary>What to do, removals of services that are gone first: their ports may be wanted.</summary>
    /// <param name="services">What has to be there.</param>
    /// <param name="actual">The containers of the deployment.</param>
    public static ImmutableArray<ServiceAction> Plan(ImmutableArray<DesiredService> services, ImmutableArray<ActualContainer> actual)
    {
        var names = services.Select(service => service.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. actual.Where(container => !names.Contains(container.Service)).Select(container => new ServiceAction.Remove(container)),
            .. services.Select(service => Plan(service, [.. actual.Where(container => container.Service == service.Name)])),
        ];
    }

    /// <summary>Whether a container that ended is what its restart policy lets it be.</summary>
    public static bool HasEndedWell(DesiredService service, ActualContainer container) =>
        container.State is "exited" or "stopped" && service.Service.Restart switch
        {
            RestartPolicy.No => true,
            RestartPolicy.OnFailure => container.ExitCode == 0,
            _ => false,
        };

    private static ServiceAction Plan(DesiredService service, ImmutableArray<ActualContainer> actual) =>
        actual is not [var only] || only.SpecHash != service.SpecHash ? new ServiceAction.Make(service, actual)
        : only.IsRunning || HasEndedWell(service, only) ? new ServiceAction.Keep(service, only)
        : new ServiceAction.Start(service, only);
}
