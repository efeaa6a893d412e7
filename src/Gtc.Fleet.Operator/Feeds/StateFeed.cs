using System.Text;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>What devices report goes into the tables.</summary>
internal sealed class StateFeed
{
    private readonly SharedTables _tables;
    private readonly LivenessLoop _lives;
    private readonly string _stream;

    /// <param name="broker">The buckets.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="lives">Told of each device that reported: it is a sign of life.</param>
    /// <param name="isTooOld">Whether the checkpoint is older than markers of deletion are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public StateFeed(FleetBroker broker, SharedTables tables, LivenessLoop lives, bool isTooOld, TimeProvider time, ILogger logger)
    {
        _tables = tables;
        _lives = lives;
        _stream = broker.States.Name;
        Feed = new StreamFeed(broker, broker.States, tables, time, logger)
        {
            IsTooOld = isTooOld,
            Read = Read,
            ResyncBegins = isNew =>
            {
                IsResyncing = true;
                tables.Do(change => change.BeginReports(isNew));
            },
            ResyncEnds = position =>
            {
                tables.Do(_stream, position, change => change.EndReports((long)position.Sequence));
                IsResyncing = false;
            },
        };
    }

    public StreamFeed Feed { get; }

    /// <summary>Whether counters are still those of before a loss.</summary>
    public bool IsResyncing { get; private set; }

    /// <summary>Reports that were no reports, or of another key.</summary>
    public long Malformed { get; private set; }

    public long Reports { get; private set; }

    private ValueTask Read(BucketMessage message, StreamPosition position, CancellationToken cancellationToken)
    {
        Span<byte> key = stackalloc byte[KvKeys.MaxLength];
        Reports++;
        if (!Encoding.UTF8.TryGetBytes(message.Message.Subject.AsSpan(message.PrefixLength), key, out var length)
            || !KvKeys.TryParseState(key[..length], out var device, out var deployment))
        {
            Malformed++;
            _tables.Move(_stream, position);
            return ValueTask.CompletedTask;
        }

        if (message.IsDeleted)
        {
            _tables.Report(_stream, position, device, deployment, Phase.None, default, default, default);
            return ValueTask.CompletedTask;
        }

        if (StateReader.Read(message.Message.Payload.Span, device, deployment, out var facts) != StateOutcome.Ok)
        {
            Malformed++;
            _tables.Move(_stream, position);
            return ValueTask.CompletedTask;
        }

        _tables.Report(_stream, position, device, deployment, PhaseOf(facts.Phase), ScoreId.Parse(facts.ScoreHash), facts.EscapedError, facts.EventAt);
        _lives.Beat(device);
        return ValueTask.CompletedTask;
    }

    private static Phase PhaseOf(DeploymentPhase phase) => phase switch
    {
        DeploymentPhase.Running => Phase.Running,
        DeploymentPhase.Failed => Phase.Failed,
        _ => Phase.Pending,
    };
}
