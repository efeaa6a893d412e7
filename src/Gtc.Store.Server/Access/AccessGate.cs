using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Knows callers by their tokens. The file is looked at again while the server runs; one that is wrong changes nothing.</summary>
internal sealed partial class AccessGate
{
    /// <summary>The longest token that is looked at.</summary>
    private const int MaxTokenLength = 4096;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, KnownToken>? _tokens;
    private byte[]? _digest;
    private long _lookedAt;

    private AccessGate(string? path, TimeProvider time, ILogger logger) => (_path, _time, _logger) = (path, time, logger);

    /// <summary>Whether tokens are asked for.</summary>
    public bool IsEnforcing => _path is not null;

    /// <summary>Reads the token file; without one, everybody is let in.</summary>
    /// <returns>The gate, or why the file cannot be taken: a server never falls back to letting everybody in.</returns>
    public static Outcome<AccessGate> Open(string? path, TimeProvider time, ILogger logger)
    {
        var gate = new AccessGate(path, time, logger);
        if (path is null)
        {
            return gate;
        }

        return Read(path).Then(bytes => TokenFile.Parse(bytes).Then<AccessGate>(tokens =>
        {
            (gate._tokens, gate._digest, gate._lookedAt) = (tokens, SHA256.HashData(bytes), time.GetTimestamp());
            return gate;
        }));
    }

    /// <summary>Who asks, by the Authorization field.</summary>
    /// <param name="authorization">The field, or null.</param>
    /// <returns>The caller; or null for a stranger.</returns>
    public Caller? Know(string? authorization)
    {
        if (_path is null)
        {
            return Caller.Open;
        }

        Reload(_path);
        const string Scheme = "Bearer ";
        if (authorization is null || authorization.Length > MaxTokenLength || !authorization.StartsWith(Scheme, StringComparison.Ordinal)
            || authorization[Scheme.Length..].Trim() is not { Length: > 0 } token)
        {
            return null;
        }

        // What is looked up is a digest, so the time it takes tells nothing about the tokens.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return _tokens!.TryGetValue(digest, out var known) && !(known.NotAfter < _time.GetUtcNow())
            ? new Caller(new AuditActor("bearer-token", known.Actor), Caller.TokenPolicy, known.Rule)
            : null;
    }

    private static Outcome<byte[]> Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > Authored.MaxBytes }
                ? TokenFile.Broken("Io", $"{path} is larger than {Authored.MaxBytes:N0} bytes")
                : File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return TokenFile.Broken("Io", $"the token file cannot be read: {error.Message}");
        }
    }

    /// <summary>By content, once a second: a file that is swapped in by a rename may carry any time.</summary>
    private void Reload(string path)
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lookedAt) < LookAgain)
            {
                return;
            }

            _lookedAt = _time.GetTimestamp();
            if (!Read(path).TryGet(out var bytes, out var refusal))
            {
                Log.Unreadable(_logger, refusal.Message);
                return;
            }

            var digest = SHA256.HashData(bytes);
            if (digest.AsSpan().SequenceEqual(_digest))
            {
                return;
            }

            _digest = digest;
            if (TokenFile.Parse(bytes).TryGet(out var tokens, out refusal))
            {
                _tokens = tokens;
                Log.Reloaded(_logger, tokens.Count);
            }
            else
            {
                Log.Unreadable(_logger, refusal.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5053, LogLevel.Information, "The token file changed; {Count} tokens are known now")]
        public static partial void Reloaded(ILogger logger, int count);

        [LoggerMessage(5054, LogLevel.Error, "The token file cannot be taken over, the tokens before stay: {Why}")]
        public static partial void Unreadable(ILogger logger, string why);
    }
}
