namespace Gtc.Runtime;

/// <summary>How many messages are answered beside each other. One that may be the end of its worker is answered alone. Thread-safe.</summary>
/// <param name="places">The most.</param>
internal sealed class AnsweringRoom(int places) : IDisposable
{
    private readonly SemaphoreSlim _free = new(places);

    // Two that each had half of the places would wait for each other.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for a place, or for all of them.</summary>
    public async Task EnterAsync(bool isAlone, CancellationToken cancellationToken)
    {
        if (!isAlone)
        {
            await _free.WaitAsync(cancellationToken);
            return;
        }

        await _turn.WaitAsync(cancellationToken);
        var taken = 0;
        try
        {
            for (; taken < places; taken++)
            {
                await _free.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (taken > 0)
        {
            _free.Release(taken);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives back what was entered.</summary>
    public void Leave(bool isAlone) => _free.Release(isAlone ? places : 1);

    public void Dispose()
    {
        _free.Dispose();
        _turn.Dispose();
    }
}
