using System.Runtime.ExceptionServices;

namespace Gtc.Flows;

/// <summary>Lets a guest's own thread wait for what the host does asynchronously: a host function returns its result to the guest that called it.</summary>
internal static class Waiting
{
    /// <summary>Waits. What is started must end soon after its token is cancelled.</summary>
    public static T For<T>(Func<CancellationToken, Task<T>> start, CancellationToken cancellationToken)
    {
        using var over = new ManualResetEvent(false);
        T? value = default;
        ExceptionDispatchInfo? thrown = null;
        _ = RunAsync();
        over.WaitOne();
        thrown?.Throw();
        return value!;

        async Task RunAsync()
        {
            try
            {
                value = await start(cancellationToken);
            }
#pragma warning disable CA1031 // Thrown again on the thread that waits.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                over.Set();
            }
        }
    }
}
