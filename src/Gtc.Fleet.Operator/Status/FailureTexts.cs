using System.Collections.Concurrent;
using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>
/// The texts of failures. The newest of each deployment is what the tables kept when it was reported; any other is read from the device's own report when a
/// status names it, so that a fleet in which everything fails costs no memory.
/// </summary>
/// <param name="read">Reads what a device reports of a deployment, or null.</param>
/// <param name="tables">The tables.</param>
internal sealed class FailureTexts(Func<DeviceId, DeploymentName, CancellationToken, Task<DeploymentState?>> read, SharedTables tables)
{
    private readonly ConcurrentDictionary<string, (DeviceFailure Failure, AggregateError Error)> _known = new(StringComparer.Ordinal);

    /// <summary>Reads reports from their bucket.</summary>
    public static Func<DeviceId, DeploymentName, CancellationToken, Task<DeploymentState?>> ReaderOf(Bucket states) => async (device, deployment, stop) =>
    {
        var read = await states.GetAsync(KvKeys.State(device, deployment), stop);
        return read.IsOk && DeploymentState.Parse(read.Value.Value.Span).TryGet(out var state, out _) ? state : null;
    };

    /// <summary>The error as a status tells it.</summary>
    public async Task<AggregateError?> GetAsync(string deployment, DeviceFailure failure, CancellationToken cancellationToken)
    {
        if (tables.Ask(ask => ask.ReasonOf(deployment, failure)) is { } kept)
        {
            return kept;
        }

        if (_known.TryGetValue(deployment, out var known) && known.Failure == failure)
        {
            return known.Error;
        }

        var told = await ReadAsync(deployment, failure.Device, cancellationToken);
        var error = told ?? new AggregateError { DeviceId = failure.Device, Message = "the device's reason is not known" };
        if (told is not null)
        {
            _known[deployment] = (failure, error);
        }

        return error;
    }

    /// <summary>The most frequent errors among some devices, most frequent first.</summary>
    public async Task<IReadOnlyList<string>> MostFrequentAsync(string deployment, IEnumerable<string> devices, int count, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        foreach (var device in devices)
        {
            if (await ReadAsync(deployment, device, cancellationToken) is { } error)
            {
                texts.Add(error.Message);
            }
        }

        return [.. texts.GroupBy(text => text).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(count).Select(group => $"{group.Count()} x {group.Key}")];
    }

    private async Task<AggregateError?> ReadAsync(string deployment, string device, CancellationToken cancellationToken)
    {
        if (!DeviceId.TryParse(device, out var id) || !DeploymentName.TryParse(deployment, out var name))
        {
            return null;
        }

        return await read(id, name, cancellationToken) is { LastError: { Length: > 0 } text } state ? new AggregateError { DeviceId = device, Message = text, At = state.LastEventAt } : null;
    }
}
