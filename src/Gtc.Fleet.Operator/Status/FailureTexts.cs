using System.Collections.Concurrent;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>
/// The texts of failures, read from the devices' own reports when a status names one. Held for the newest failure of each deployment only, so that a
/// fleet in which everything fails costs no memory.
/// </summary>
internal sealed class FailureTexts(FleetBroker broker)
{
    private readonly ConcurrentDictionary<string, (DeviceFailure Failure, AggregateError Error)> _known = new(StringComparer.Ordinal);

    /// <summary>The error as a status tells it.</summary>
    public async Task<AggregateError?> GetAsync(string deployment, DeviceFailure failure, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(deployment, out var known) && known.Failure == failure)
        {
            return known.Error;
        }

        var read = await ReadAsync(deployment, failure.Device, cancellationToken);
        var error = read ?? new AggregateError { DeviceId = failure.Device, Message = "the device's reason is not known" };
        if (read is not null)
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

        var read = await broker.States.GetAsync(KvKeys.State(id, name), cancellationToken);
        return read.IsOk && DeploymentState.Parse(read.Value.Value.Span).TryGet(out var state, out _) && state.LastError is { Length: > 0 } text
            ? new AggregateError { DeviceId = device, Message = text, At = state.LastEventAt }
            : null;
    }
}
