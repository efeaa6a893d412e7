using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What deployers change beside the document: what they discovered, and the right to change what a revision runs on.</summary>
public sealed partial class FileEnvironmentStore
{
    /// <summary>The exclusive right to start and end the workers of one revision on this host. It ends with the holder.</summary>
    public async Task<Outcome<EnvironmentLock>> TakeWorkerLockAsync(EnvId environment, RevisionId revision, CancellationToken cancellationToken)
    {
        var layout = Layout.Environment(environment);
        try
        {
            return await EnvironmentLock.TakeAsync(layout with { Folder = Path.Combine(layout.Folder, "workers", revision.ToString()) }, _atomic, cancellationToken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the workers of revision `{revision}` could not be locked", error);
        }
    }

    /// <summary>Changes what a deployer discovered, runtime.json, under the environment's lock. A change that changes nothing writes nothing.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="deployer">Who discovered it.</param>
    /// <param name="change">From the values as they are to those that are to be.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>Null on success.</returns>
    public async Task<Refusal?> ChangeDiscoveredAsync(
        EnvId environment,
        PackDescriptor deployer,
        Func<ImmutableSortedDictionary<string, JsonElement>, ImmutableSortedDictionary<string, JsonElement>> change,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        try
        {
            using var held = await EnvironmentLock.TakeAsync(Layout.Environment(environment), _atomic, cancellationToken);
            var files = Files(environment);
            if (!new EnvironmentReader(files).LoadRuntime().TryGet(out var before, out var refusal))
            {
                return refusal;
            }

            var known = before?.Discovered ?? ImmutableSortedDictionary<string, JsonElement>.Empty;
            var wanted = change(known);
            if (IsSame(known, wanted))
            {
                return null;
            }

            var after = (before ?? new EnvironmentRuntime
            {
                Schema = Schemas.EnvironmentRuntime,
                EnvironmentId = environment,
                GeneratedAt = Now,
                GeneratedBy = deployer,
                Generation = 0,
            }) with { Discovered = wanted, GeneratedAt = Now, GeneratedBy = deployer, Generation = (before?.Generation ?? 0) + 1 };
            return files.Write(EnvironmentLayout.RuntimeName, Documents.EnvironmentRuntime.ToFile(after));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("runtime.json could not be written", error);
        }
    }

    private static bool IsSame(ImmutableSortedDictionary<string, JsonElement> one, ImmutableSortedDictionary<string, JsonElement> other) =>
        one.Count == other.Count && one.All(member => other.TryGetValue(member.Key, out var value) && JsonElement.DeepEquals(member.Value, value));
}
