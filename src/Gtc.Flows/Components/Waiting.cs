using System.Runtime.ExceptionServices;

namespace Gtc.Flows;

/// <summary>Lets a guest's own thread wait for what the host does asynchronously: a host function returns its result to the guest that called it.</summary>
internal static class Waiting
{
    /// <summary>
    /// Waits. What is started must end soon after its token is cancelled. It is a task that is waited for, and not a handle: the thread pool sees that its thread
    /// is blocked and takes another one for it, or many guests that wait at once would hold all threads that could bring their answers.
    /// </summary>
    public static T For<T>(Func<CancellationToken, Task<T>> start, CancellationToken cancellationToken)
    {
        T? value = default;
        ExceptionDispatchInfo? thrown = null;
        RunAsync().Wait(Timeout.Infinite, CancellationToken.None);
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
        }
    }
}
