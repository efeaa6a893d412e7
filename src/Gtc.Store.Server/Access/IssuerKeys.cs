using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>
/// The keys of one issuer, as its discovery document leads to them (OpenID Connect Discovery 1.0 §4). They are fetched when they are first needed, again
/// beside the requests when they are five minutes old, and at once for a token whose key is not among them, so that a new key counts from the beginning. An
/// issuer that cannot be reached changes nothing until what is known of it is a day old. However many ask, it is asked three times at once and then
/// every ten seconds at most.
/// </summary>
internal sealed partial class IssuerKeys(string issuer, HttpMessageHandler transport, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RateLimits _limit = new(new RateLimit(3, 0.1), time);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Held? _held;
    private Task? _fetching;

    /// <summary>Finds the key that a token names.</summary>
    /// <returns>The key; null when the issuer has none of that name; or <see cref="Refusal.FetchFailed"/> when its keys are not known and cannot be had.</returns>
    public async Task<Outcome<JsonWebKey?>> FindAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        if (Present() is { } held && held.Keys.Find(token.Algorithm, token.KeyId) is { } known)
        {
            if (time.GetElapsedTime(held.At) > Fresh)
            {
                // The token is verified with what is known; the next one finds what comes of this.
                _ = BeginFetch();
            }

            return known;
        }

        if (BeginFetch() is { } fetching)
        {
            await fetching.WaitAsync(cancellationToken);
        }

        return Present() is { } now ? now.Keys.Find(token.Algorithm, token.KeyId) : new Refusal.FetchFailed($"the keys of {issuer} cannot be had at the moment");
    }

    public void Dispose()
    {
        // Not disposed of: a fetch under way may still look at it.
        _stop.Cancel();
    }

    private Held? Present() => Volatile.Read(ref _held) is { } held && time.GetElapsedTime(held.At) <= Oldest ? held : null;

    /// <summary>The fetch under way, or a new one; null when the issuer was asked too often.</summary>
    private Task? BeginFetch()
    {
        lock (_gate)
        {
            return _fetching is { IsCompleted: false } running ? running
                : _limit.Take(issuer) is not null ? null
                : _fetching = FetchAsync();
        }
    }

    private async Task FetchAsync()
    {
        await Task.Yield();
        using var over = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, _stop.Token);
        using var client = new HttpClient(transport, disposeHandler: false) { MaxResponseContentBufferSize = JsonWebKeySet.MaxBytes };
        try
        {
            var found = await GetAsync(client, new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"), either.Token);
            var keys = await GetAsync(client, KeysAddress(found), either.Token);
            if (!JsonWebKeySet.Parse(keys).TryGet(out var set, out var error))
            {
                throw new FormatException(error.Message);
            }

            var before = Volatile.Read(ref _held);
            Volatile.Write(ref _held, new Held(set, time.GetTimestamp()));
            if (before is null || !before.Keys.Keys.Select(key => key.KeyId).SequenceEqual(set.Keys.Select(key => key.KeyId)))
            {
                Log.Fetched(logger, issuer, set.Keys.Length, set.Skipped.Length);
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or FormatException or JsonException or InvalidOperationException or OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested)
            {
                Log.NotFetched(logger, issuer, error is OperationCanceledException ? $"there was no full answer within {Patience.TotalSeconds:0} s" : error.Message);
            }
        }
    }

    private static async Task<byte[]> GetAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(address, cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK
            ? await answer.Content.ReadAsByteArrayAsync(cancellationToken)
            : throw new FormatException($"{address} answers with status {(int)answer.StatusCode}, 200 was expected; redirects are not followed");
    }

    /// <summary>Where the keys are, in a document that is of this issuer and no other.</summary>
    private Uri KeysAddress(byte[] document)
    {
        using var parsed = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
        var root = parsed.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("issuer", out var named) || named.ValueKind != JsonValueKind.String || !named.ValueEquals(issuer))
        {
            throw new FormatException("its discovery document is of another issuer");
        }

        return root.TryGetProperty("jwks_uri", out var keys) && keys.ValueKind == JsonValueKind.String
            && Uri.TryCreate(keys.GetString(), UriKind.Absolute, out var address) && IssuerEntry.IsTrustworthy(address)
            && (address.Scheme == Uri.UriSchemeHttps || issuer.StartsWith("http:", StringComparison.Ordinal))
                ? address
                : throw new FormatException("its discovery document names no https address of its keys (jwks_uri)");
    }

    private sealed record Held(JsonWebKeySet Keys, long At);

    private static partial class Log
    {
        [LoggerMessage(5085, LogLevel.Information, "The keys of {Issuer} are new: {Count} can be used, {Skipped} cannot")]
        public static partial void Fetched(ILogger logger, string issuer, int count, int skipped);

        [LoggerMessage(5086, LogLevel.Warning, "The keys of {Issuer} cannot be fetched, those that are known go on until they are a day old: {Why}")]
        public static partial void NotFetched(ILogger logger, string issuer, string why);
    }
}
