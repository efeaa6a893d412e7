namespace Gtc.Runtime;

/// <summary>The file by which <c>gtc stop</c> asks a worker to stop: no process id is needed, and it works across containers that share the folder.</summary>
public static class StopRequest
{
    private const string Name = ".stop-request";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks the worker of an environment to stop.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static void Make(string environmentFolder) => File.WriteAllBytes(Path.Combine(environmentFolder, Name), []);

    /// <summary>Removes an old request, which was meant for somebody else.</summary>
    internal static void Clear(string environmentFolder)
    {
        try
        {
            File.Delete(Path.Combine(environmentFolder, Name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that is absent or read-only holds no request that this process could honour; boot tells what is wrong with it.
        }
    }

    /// <summary>Waits for a request.</summary>
    /// <returns>True when there was one, false when the token ended the wait.</returns>
    internal static async Task<bool> WaitAsync(string environmentFolder, TimeProvider time, CancellationToken stop)
    {
        var path = Path.Combine(environmentFolder, Name);
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (File.Exists(path))
                {
                    Clear(environmentFolder);
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop by the token.
        }

        return false;
    }
}
