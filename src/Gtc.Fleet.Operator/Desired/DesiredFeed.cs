using System.Text;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>Finds at the start what entries are stored: those that were written after the last checkpoint, or all of them without one.</summary>
internal static class DesiredFeed
{
    public static StreamFeed Create(FleetBroker broker, SharedTables tables, bool isTooOld, TimeProvider time, ILogger logger)
    {
        var stream = broker.Desired.Name;
        return new StreamFeed(broker, broker.Desired, tables, time, logger)
        {
            HeadersOnly = true,
            StopsWhenCaughtUp = true,
            IsTooOld = isTooOld,
            ResyncBegins = _ => tables.Do(change => change.LoseEntries()),
            ResyncEnds = position => tables.Move(stream, position),
            Read = (message, position, _) =>
            {
                if (!KvKeys.TryParseDesired(message.Key, out var device, out var named) || named is not { } deployment)
                {
                    tables.Move(stream, position);
                    return ValueTask.CompletedTask;
                }

                var (id, name) = (Encoding.ASCII.GetBytes(device.Value), Encoding.ASCII.GetBytes(deployment.Value));
                var isDeleted = message.Message.Headers?["KV-Operation"] is not null;
                var score = ScoreId.Parse(Encoding.UTF8.GetBytes(message.Message.Headers?[DesiredWriter.HashHeader] ?? ""));
                tables.Do(stream, position, change =>
                {
                    if (isDeleted)
                    {
                        change.Absent(id, name);
                    }
                    else
                    {
                        change.Stored(id, name, score);
                    }
                });
                return ValueTask.CompletedTask;
            },
        };
    }
}
