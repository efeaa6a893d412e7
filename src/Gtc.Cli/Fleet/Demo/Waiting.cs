using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>What one look found: a value, or what was seen instead.</summary>
/// <typeparam name="T">What is waited for.</typeparam>
internal readonly struct Seen<T>
{
    private Seen(T? value, string? instead)
    {
        Value = value;
        Instead = instead;
    }

    /// <summary>The value.</summary>
    public T? Value { get; }

    /// <summary>What was seen instead, or null.</summary>
    public string? Instead { get; }

    /// <summary>It is there.</summary>
    public static implicit operator Seen<T>(T value) => new(value, null);

    /// <summary>It is not there yet.</summary>
    public static Seen<T> NotYet(string instead) => new(default, instead);
}

/// <summary>Waits until something holds, and says what was seen last when it does not.</summary>
internal sealed class Waiting(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>How long anything may take when the call does not say.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);

    /// <summary>Looks until it is there.</summary>
    /// <param name="what">What is waited for, e.g. <c>device edge-1 is reachable</c>.</param>
    /// <param name="look">One look.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Outcome<T>> UntilAsync<T>(string what, Func<Task<Seen<T>>> look, CancellationToken cancellationToken) => UntilWithinAsync(Patience, what, look, cancellationToken);

    /// <summary>Looks until it is there.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="look">One look.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Outcome<T>> UntilWithinAsync<T>(TimeSpan patience, string what, Func<Task<Seen<T>>> look, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (seen.Instead is null)
            {
                return seen.Value!;
            }

            if (time.GetElapsedTime(began) > patience)
            {
                return new Refusal.Conflict($"{what}: that did not come true within {patience.TotalSeconds:F0} s; seen last: {seen.Instead}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
