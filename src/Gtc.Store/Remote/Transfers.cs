using System.Net;
using System.Net.Sockets;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Repeats an attempt that was cut, as long as it brings something new or has not failed too often in a row.</summary>
/// <param name="time">Drives waits and timeouts.</param>
internal sealed class Transfers(TimeProvider time)
{
    private const int MostFruitless = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing may move before an attempt counts as cut; a server hashes what it has and syncs it to its disk in that time.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>Runs it.</summary>
    /// <param name="what">What is attempted, e.g. <c>the artifact could not be sent to http://…</c>.</param>
    /// <param name="attempt">One attempt. It reports how many bytes are through whenever some move; a cut is an exception, a refusal ends it.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public async Task<Outcome<T>> RunAsync<T>(string what, Func<Progress, Task<Outcome<T>>> attempt, CancellationToken cancellationToken)
    {
        var furthest = 0L;
        for (var fruitless = 1; ; fruitless++)
        {
            Exception cut;
            using (var progress = new Progress(time, cancellationToken))
            {
                try
                {
                    return await attempt(progress);
                }
                catch (Exception error) when (error is HttpRequestException or IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    cut = error;
                }

                if (progress.Position > furthest)
                {
                    (furthest, fruitless) = (progress.Position, 1);
                }
            }

            if (fruitless == MostFruitless)
            {
                return new Refusal.FetchFailed($"{what}: {(cut is OperationCanceledException ? "nothing moved for a minute" : cut.GetBaseException().Message)}");
            }

            var doubled = FirstWait * Math.Pow(2, fruitless - 1);
            var asked = cut is Busy { RetryAfter: { } wait } ? wait : TimeSpan.Zero;
            await Task.Delay(TimeSpan.FromTicks(Math.Min(Math.Max(doubled.Ticks, asked.Ticks), LongestWait.Ticks)), time, cancellationToken);
        }
    }

    /// <summary>Whether a status says that the same may succeed later.</summary>
    public static void ThrowIfBusy(HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
        {
            throw new Busy(response.StatusCode, response.Headers.RetryAfter?.Delta);
        }
    }

    /// <summary>How far an attempt got; silence for too long cancels it.</summary>
    internal sealed class Progress : IDisposable
    {
        private readonly CancellationTokenSource _stall;
        private readonly CancellationTokenSource _either;

        public Progress(TimeProvider time, CancellationToken cancellationToken)
        {
            _stall = new CancellationTokenSource(Stall, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, cancellationToken);
        }

        /// <summary>How many bytes are through.</summary>
        public long Position { get; private set; }

        /// <summary>Cancelled by the caller or by silence.</summary>
        public CancellationToken Token => _either.Token;

        public void Report(long position)
        {
            Position = position;
            _stall.CancelAfter(Stall);
        }

        public void Dispose()
        {
            _either.Dispose();
            _stall.Dispose();
        }
    }

    private sealed class Busy(HttpStatusCode status, TimeSpan? retryAfter) : HttpRequestException($"the answer is {(int)status}")
    {
        public TimeSpan? RetryAfter => retryAfter;
    }
}
