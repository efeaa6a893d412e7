using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Routing;

/// <summary>Where a process keeps session pins, and how it stands with that place. It outlives every table: pins survive reloads.</summary>
public sealed class PinStore : IAsyncDisposable
{
    private readonly RedisClient? _redis;

    private PinStore(ISessionPins pins, string place, RedisClient? redis) => (Pins, Place, _redis) = (pins, place, redis);

    /// <summary>The pins.</summary>
    public ISessionPins Pins { get; }

    /// <summary>The place in words, without a password: <c>memory</c>, or the server's URL.</summary>
    public string Place { get; }

    /// <summary>Why the place does not answer at the moment; null when it does.</summary>
    public string? Problem => _redis is { IsConnected: false } lost ? lost.Reason : null;

    /// <summary>Pins of this process alone.</summary>
    /// <param name="time">The clock.</param>
    public static PinStore InMemory(TimeProvider time) => new(new MemoryPins(time), "memory", null);

    /// <summary>Pins that all processes share which name the same server. It is connected to in the background, and again after a loss.</summary>
    /// <param name="url">The server's URL.</param>
    /// <param name="password">Its password, which goes before one in the URL; null when the URL says enough.</param>
    /// <param name="keyPrefix">What all keys begin with, so that several installations can share a server; may be empty.</param>
    /// <param name="time">The clock.</param>
    /// <param name="jitter">Draws a number in [0, 1); spreads attempts to connect.</param>
    /// <param name="patience">How long an answer of the server is waited for; the client's own, 50 ms, when not given.</param>
    /// <returns>The store; <see cref="Refusal.InvalidArgument"/>, which never repeats the URL, when that cannot be read.</returns>
    public static Outcome<PinStore> Connect(string url, string? password, string keyPrefix, TimeProvider time, Func<double> jitter, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!RedisOptions.TryParse(url, out var options, out var expected))
        {
            return new Refusal.InvalidArgument($"the place of session pins must be {expected}");
        }

        var chosen = string.IsNullOrEmpty(password) ? options.Password : password;
        options = options with { Password = string.IsNullOrEmpty(chosen) ? null : chosen, CallTimeout = patience ?? options.CallTimeout };
        var client = new RedisClient(options, time, jitter);
        return new PinStore(new RedisPins(client) { KeyPrefix = keyPrefix }, options.Place, client);
    }

    /// <summary>Whether a text is the URL of a server.</summary>
    /// <param name="url">The text.</param>
    /// <param name="expected">What was expected, when it is not.</param>
    public static bool IsPlace(string url, out string? expected) => RedisOptions.TryParse(url, out _, out expected);

    /// <summary>Whether a URL holds a password, which everybody could read who sees a command line.</summary>
    /// <param name="url">The URL.</param>
    public static bool HoldsPassword(string url) => RedisOptions.TryParse(url, out var options, out _) && options.Password is { Length: > 0 };

    /// <summary>Ends the connection.</summary>
    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;
}
