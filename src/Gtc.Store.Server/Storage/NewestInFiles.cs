using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Reads environments in files: a document and its journal only where the files are not those that were read last. Nobody needs to tell of a change: it changes the files.</summary>
/// <param name="layout">Where the files lie.</param>
/// <param name="load">Reads them.</param>
internal sealed class NewestInFiles(StoreLayout layout, Func<EnvId, CancellationToken, Task<Outcome<EnvironmentDocument>>> load)
{
    private readonly KeptEnvironments<FilesStamp> _kept = new();

    /// <summary>The environment as it is.</summary>
    public async Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, CancellationToken cancellationToken)
    {
        // Files are stamped by the machine's clock, whatever clock changes are stamped by.
        var now = TimeProvider.System.GetUtcNow();
        var isKept = _kept.TryFind(environment, out var seen, out var kept);
        var stamp = FilesStamp.Take(layout.Environment(environment), seen);
        if (isKept && stamp == seen)
        {
            return kept!;
        }

        var read = (await load(environment, cancellationToken)).Then<StoredEnvironment>(document => new StoredEnvironment(document, document.EnvGeneration ?? 0));
        if (stamp.HasFiles && stamp.IsSettledAt(now) && read.TryGet(out var newest, out _))
        {
            _kept.Keep(environment, stamp, newest);
        }

        return read;
    }
}
