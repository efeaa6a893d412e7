using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>Makes one thing fail after another while clients work, and leaves everything running at the end.</summary>
public sealed class Faults(PostgresCluster cluster, CutProxy proxy, IReadOnlyList<Replica> replicas, TimeSpan hold)
{
    private const int Kinds = 6;

    /// <summary>How many it made.</summary>
    public int Made { get; private set; }

    /// <summary>Goes on until the work is done.</summary>
    public async Task MakeAsync(Task working, Random random, CancellationToken cancellationToken)
    {
        while (!working.IsCompleted)
        {
            await Task.WhenAny(working, Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 300)), cancellationToken));
            if (!working.IsCompleted)
            {
                await FailAsync(random.Next(Kinds), replicas[random.Next(replicas.Count)], cancellationToken);
                Made++;
            }
        }
    }

    private async Task FailAsync(int kind, Replica replica, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case 0:
                replica.Kill();
                await replica.StartAsync(cancellationToken);
                break;
            case 1:
                replica.Pause();
                await Task.Delay(hold, cancellationToken);
                replica.GoOn();
                break;
            case 2:
                cluster.Kill();
                await cluster.StartAgainAsync();
                break;
            case 3:
                var master = cluster.ProcessId();
                Replica.Signal(master, isStop: true);
                await Task.Delay(hold, cancellationToken);
                Replica.Signal(master, isStop: false);
                break;
            case 4:
                proxy.Cut();
                break;
            default:
                proxy.Freeze();
                await Task.Delay(hold, cancellationToken);
                proxy.Cut();
                proxy.Thaw();
                break;
        }
    }
}
