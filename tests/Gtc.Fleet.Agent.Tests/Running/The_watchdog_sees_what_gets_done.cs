using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.Tests.Lab;
using Gtc.Fleet.Contracts;
using Gtc.Podman.Tests.Real;
using System.Threading.Channels;

namespace Gtc.Fleet.Agent.Tests.Running;

[Collection("podman")]
public sealed class The_watchdog_sees_what_gets_done(RealPodman podman)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_idle_agent_turns_and_one_that_hangs_is_silent()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var turns = Channel.CreateUnbounded<int>();
        var count = 0;
        lab.Progressed = () => turns.Writer.TryWrite(++count);
        var stall = new StallingBroker();
        lab.Around = stall.Around;
        lab.Boot();
        await TurnsAsync(turns.Reader, 5);

        stall.IsStalled = true;
        (await lab.AskAsync("reconcile")).Error.ShouldBeNull("the answer goes out before the manifest is read");
        await stall.Reached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var before = count;

        // The loop is held inside the broker's answer, however long this takes, while pulses pile up.
        await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        count.ShouldBe(before);

        stall.Release.SetResult();
        while (turns.Reader.TryRead(out _))
        {
        }

        await TurnsAsync(turns.Reader, 5);
    }

    private static async Task TurnsAsync(ChannelReader<int> turns, int least)
    {
        for (var turn = 0; turn < least; turn++)
        {
            await turns.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A broker whose answer about the manifest does not come.</summary>
    private sealed class StallingBroker
    {
        public volatile bool IsStalled;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IFleetBroker Around(IFleetBroker broker) => new Broker(this, broker);

        private sealed class Broker(StallingBroker stall, IFleetBroker real) : IFleetBroker
        {
            public TimeSpan ReconnectWindow
            {
                set => real.ReconnectWindow = value;
            }

            public Task RunAsync(ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken) => real.RunAsync(messages, cancellationToken);

            public async Task<BrokerRead> ReadDesiredAsync(string key, CancellationToken cancellationToken)
            {
                if (stall.IsStalled)
                {
                    stall.Reached.TrySetResult();
                    await stall.Release.Task.WaitAsync(cancellationToken);
                }

                return await real.ReadDesiredAsync(key, cancellationToken);
            }

            public Task<bool?> HasStateAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => real.HasStateAsync(key, bytes, cancellationToken);

            public Task<string?> PutAsync(BucketSpec bucket, string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => real.PutAsync(bucket, key, bytes, cancellationToken);

            public Task<string?> DeleteAsync(BucketSpec bucket, string key, CancellationToken cancellationToken) => real.DeleteAsync(bucket, key, cancellationToken);
        }
    }
}
