namespace Gtc.Proxy.Tests;

/// <summary>Waits for something that another thread does, with a bound.</summary>
internal static class Poll
{
    public static async Task<bool> UntilAsync(Func<bool> isTrue)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        try
        {
            while (!isTrue())
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return isTrue();
        }
    }
}
