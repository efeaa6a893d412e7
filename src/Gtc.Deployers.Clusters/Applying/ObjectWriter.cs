using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>Writes objects by server-side apply and removes them.</summary>
internal sealed class ObjectWriter(KubeClient client, ReconcileOptions options, TimeProvider time)
{
    /// <summary>By this name the server knows which fields are gtc's.</summary>
    public const string FieldManager = "greentic-deployer";

    private const int MaxTries = 5;
    private const int Unprocessable = 422;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies an object. Fields of others that are rendered are taken, unless they were to be left: then a field that another took meanwhile is a conflict.</summary>
    /// <returns>The object as it is now.</returns>
    public async Task<Outcome<JsonElement>> ApplyAsync(PlannedObject planned, CancellationToken cancellationToken)
    {
        var isCleared = false;
        for (var attempt = 1; ; attempt++)
        {
            var result = await client.ApplyAsync(planned.Wanted, FieldManager, options.Drift != DriftChoice.Adopt, options.IsDryRun, cancellationToken);
            if (result.Value is { } document)
            {
                using (document)
                {
                    return document.RootElement.Clone();
                }
            }

            var error = result.Error!;
            if (options.IsDryRun && error.Kind == KubeErrorKind.NotFound)
            {
                // Nothing can be tried in a namespace that is not there yet.
                return planned.Wanted;
            }

            if (error.Status == Unprocessable && !isCleared && await ClearAsync(planned, cancellationToken))
            {
                isCleared = true;
                continue;
            }

            // A forced apply conflicts with nobody's fields, only with a write at the same moment.
            if (error.Kind != KubeErrorKind.Conflict || options.Drift == DriftChoice.Adopt || attempt == MaxTries)
            {
                return Provider.Failed($"applying {planned.Name}", error);
            }

            await Task.Delay(Pause * attempt, time, cancellationToken);
        }
    }

    /// <summary>Takes what is rendered no more away by itself, after the server refused to do so on the way.</summary>
    /// <returns>Whether the apply is worth another try.</returns>
    private async Task<bool> ClearAsync(PlannedObject planned, CancellationToken cancellationToken)
    {
        var read = await client.GetAsync(planned.Name.Known, planned.Name.Namespace, planned.Name.Name, cancellationToken);
        using var live = read.Value;
        if (options.IsDryRun || live is null || StaleFields.Removal(live.RootElement, planned.Wanted) is not { Count: > 0 } removal)
        {
            return false;
        }

        var cleared = await client.PatchAsync(planned.Name.Known, planned.Name.Namespace, planned.Name.Name, removal, FieldManager, cancellationToken);
        cleared.Value?.Dispose();
        return cleared.Error is null;
    }

    /// <summary>Removes an object, if it is still this one.</summary>
    /// <returns>Whether it was there; what follows from it is removed in the background.</returns>
    public async Task<Outcome<bool>> DeleteAsync(ObjectRef name, JsonElement live, CancellationToken cancellationToken)
    {
        if (options.IsDryRun)
        {
            return true;
        }

        var result = await client.DeleteAsync(name.Known, name.Namespace, name.Name, live.Meta("uid"), cancellationToken);
        result.Value?.Dispose();
        return result.Error switch
        {
            null => true,
            { Kind: KubeErrorKind.NotFound } => false,
            var error => Provider.Failed($"removing {name}", error),
        };
    }
}
