using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gtc.Model;
using Gtc.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>
/// Knows callers by what they show: a static token, an issuer's token, or a certificate that the connection was made with. A token goes before a certificate.
/// The file is followed while the server runs; one that is wrong changes nothing.
/// </summary>
internal sealed partial class AccessGate : IAsyncDisposable
{
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly StoreServerOptions _options;
    private readonly ServerMeter _meter;
    private readonly ILogger _logger;
    private readonly SocketsHttpHandler _transport = new() { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private FollowedFiles? _following;
    private volatile Standing? _standing;
    private volatile CancellationTokenSource _changed = new();
    private byte[]? _digest;

    private AccessGate(StoreServerOptions options, ServerMeter meter, ILogger logger) => (_options, _meter, _logger) = (options, meter, logger);

    /// <summary>Why a client certificate is revoked, or null; and until when that holds.</summary>
    public Func<X509Certificate2, DateTimeOffset, (string? Why, DateTimeOffset Until)> Judge { get; set; } = static (_, _) => (null, DateTimeOffset.MaxValue);

    /// <summary>Whether callers have to be known.</summary>
    public bool IsEnforcing => _options.Tokens is not null;

    /// <summary>Reads the access file and follows it; without one, everybody is let in.</summary>
    /// <returns>The gate, or why the file cannot be taken: a server never falls back to letting everybody in.</returns>
    public static Outcome<AccessGate> Open(StoreServerOptions options, ServerMeter meter, ILogger logger)
    {
        var gate = new AccessGate(options, meter, logger);
        if (options.Tokens is not { } path)
        {
            return options.Tls?.ClientAuthorityFile is { } authority
                ? new Refusal.InvalidArgument($"{authority} says whose certificates are believed, but not what they may: that stands in the access file") { Next = "gtc store serve --rbac-tokens FILE …" }
                : gate;
        }

        if (!Read(path).TryGet(out var bytes, out var refusal) || !gate.Parse(bytes).TryGet(out var policy, out refusal))
        {
            return refusal;
        }

        gate.Take(policy, bytes);
        gate._following = new FollowedFiles([path], () => gate.Look(path));
        return gate;
    }

    /// <summary>Who asks.</summary>
    public async Task<Recognition> KnowAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (_standing is not { } standing)
        {
            return new Recognition.Known(Caller.Open);
        }

        var fields = context.Request.Headers.Authorization;
        if (fields.Count == 0)
        {
            return context.Connection.ClientCertificate is { } certificate ? Know(certificate, standing) : new Recognition.Stranger(Caller.TokenPolicy, "a bearer token is required");
        }

        return fields is [{ } field] && field.StartsWith(Scheme, StringComparison.Ordinal) && field.Length <= Scheme.Length + JsonWebToken.MaxLength && field[Scheme.Length..].Trim() is { Length: > 0 } token
            ? Know(token, standing) ?? await KnowIssuedAsync(token, standing, cancellationToken)
            : Unknown;
    }

    /// <summary>Waits until who asks is no longer known, or may no longer read an environment.</summary>
    /// <exception cref="OperationCanceledException">It is not waited for any longer.</exception>
    public async Task UntilDeniedAsync(HttpContext context, EnvId environment, CancellationToken cancellationToken)
    {
        for (var wasPermitted = false; ; wasPermitted = true)
        {
            // Taken before the question is asked, so that no change is missed.
            var change = _changed.Token;
            if (await KnowAsync(context, cancellationToken) is not Recognition.Known { Caller: var caller } || caller.Scope?.WhyNotRead(environment) is not null)
            {
                if (wasPermitted)
                {
                    Log.NoLonger(_logger, environment);
                }

                return;
            }

            var left = caller.Until - _options.Time.GetUtcNow() + TimeSpan.FromMilliseconds(1) is { } time && time < LongestWait ? time : LongestWait;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(change, cancellationToken);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _options.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Asks again of everybody who was let in and is still there.</summary>
    public void Recheck() => Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();

    /// <summary>Looks at the access file now.</summary>
    public void LookAgain() => _following?.Look();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_following?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var keys in _standing?.Keys.Values ?? [])
        {
            keys.Dispose();
        }

        _transport.Dispose();
    }

    private static Recognition.Stranger Unknown { get; } = new(Caller.TokenPolicy, "the bearer token is not known");

    private Recognition? Know(string token, Standing standing)
    {
        // What is looked up is a digest, so the time it takes tells nothing about the tokens.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return !standing.Policy.Tokens.TryGetValue(digest, out var known) ? null
            : known.NotAfter < _options.Time.GetUtcNow() ? Unknown
            : new Recognition.Known(new Caller(new AuditActor("bearer-token", known.Actor), Caller.TokenPolicy, new AccessScope([known.Rule])) { Until = known.NotAfter });
    }

    private async Task<Recognition> KnowIssuedAsync(string token, Standing standing, CancellationToken cancellationToken)
    {
        if (standing.Policy.Issuers.IsEmpty || !JsonWebToken.IsShaped(token))
        {
            return Unknown;
        }

        if (!JsonWebToken.Parse(token).TryGet(out var parsed, out var error))
        {
            return Refused(error.Message);
        }

        if (standing.Policy.Issuers.FirstOrDefault(one => one.Rules.Issuer == parsed.ClaimedIssuer) is not { } issuer)
        {
            return Refused("the token is of an issuer that is not known here");
        }

        if (!(await standing.Keys[issuer.Rules.Issuer].FindAsync(parsed, cancellationToken)).TryGet(out var key, out var unavailable))
        {
            return new Recognition.Undecided(unavailable.Message);
        }

        return key is null ? Refused("the token is signed with a key that its issuer does not publish")
            : parsed.Verify(key, issuer.Rules, _options.Time.GetUtcNow()).TryGet(out var claims, out error) ? new Recognition.Known(issuer.CallerOf(claims))
            : Refused(error.Message);
    }

    private Recognition Know(X509Certificate2 certificate, Standing standing)
    {
        var now = _options.Time.GetUtcNow();
        DateTimeOffset ends = certificate.NotAfter.ToUniversalTime();
        var (revoked, judged) = Judge(certificate, now);
        var names = KnownCertificate.NamesOf(certificate);
        var granted = standing.Policy.Certificates.Where(known => names.Contains(known.Name)).ToList();
        return granted.Count == 0 ? new Recognition.Stranger(Caller.CertificatePolicy, "the client certificate is not known")
            : ends < now ? new Recognition.Stranger(Caller.CertificatePolicy, "the client certificate has ended")
            : revoked is not null ? new Recognition.Stranger(Caller.CertificatePolicy, revoked)
            : new Recognition.Known(new Caller(new AuditActor("certificate", granted[0].Actor), Caller.CertificatePolicy, new AccessScope([.. granted.Select(known => known.Rule)])) { Until = judged < ends ? judged : ends });
    }

    private static Recognition.Stranger Refused(string why) => new(Caller.IssuerPolicy, why);

    private static Outcome<byte[]> Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > Authored.MaxBytes }
                ? AccessFile.Broken("Io", $"{path} is larger than {Authored.MaxBytes:N0} bytes")
                : File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return AccessFile.Broken("Io", $"the access file cannot be read: {error.Message}");
        }
    }

    private Outcome<AccessPolicy> Parse(byte[] bytes) => AccessFile.Parse(bytes).Then<AccessPolicy>(policy => policy.Certificates.IsEmpty || _options.Tls?.ClientAuthorityFile is not null
        ? policy
        : AccessFile.Broken("NoClientAuthority", "the access file knows certificates, but nothing says whose are believed: --client-ca is not given"));

    /// <summary>Looks at the file by its content: one that is swapped in by a rename may carry any time.</summary>
    private void Look(string path)
    {
        if (!Read(path).TryGet(out var bytes, out var refusal))
        {
            Refuse(SHA256.HashData([]), refusal);
            return;
        }

        var digest = SHA256.HashData(bytes);
        if (digest.AsSpan().SequenceEqual(_digest))
        {
            return;
        }

        if (!Parse(bytes).TryGet(out var policy, out refusal))
        {
            Refuse(digest, refusal);
            return;
        }

        Take(policy, bytes);
        _meter.CountReload("access", isTaken: true);
        Log.Reloaded(_logger, policy.Tokens.Count, policy.Issuers.Length, policy.Certificates.Length);
        Recheck();
    }

    /// <summary>Told once for one content.</summary>
    private void Refuse(byte[] digest, Refusal refusal)
    {
        if (!digest.AsSpan().SequenceEqual(_digest))
        {
            _digest = digest;
            _meter.CountReload("access", isTaken: false);
            Log.Unreadable(_logger, refusal.Message);
        }
    }

    /// <summary>The rules count from now on. What is known of an issuer's keys stays known.</summary>
    private void Take(AccessPolicy policy, byte[] bytes)
    {
        var before = _standing?.Keys ?? ImmutableDictionary<string, IssuerKeys>.Empty;
        var keys = policy.Issuers.ToImmutableDictionary(
            issuer => issuer.Rules.Issuer,
            issuer => before.GetValueOrDefault(issuer.Rules.Issuer) ?? new IssuerKeys(issuer.Rules.Issuer, _transport, _options.Time, _logger),
            StringComparer.Ordinal);
        _standing = new Standing(policy, keys);
        _digest = SHA256.HashData(bytes);
        foreach (var gone in before.Where(known => !keys.ContainsKey(known.Key)))
        {
            gone.Value.Dispose();
        }
    }

    /// <summary>The rules that count at the moment, and the keys of their issuers.</summary>
    private sealed record Standing(AccessPolicy Policy, ImmutableDictionary<string, IssuerKeys> Keys);

    private static partial class Log
    {
        [LoggerMessage(5053, LogLevel.Information, "The access file changed; {Tokens} tokens, {Issuers} issuers and {Certificates} certificates are known now")]
        public static partial void Reloaded(ILogger logger, int tokens, int issuers, int certificates);

        [LoggerMessage(5054, LogLevel.Error, "The access file cannot be taken over, the rules before stay: {Why}")]
        public static partial void Unreadable(ILogger logger, string why);

        [LoggerMessage(5087, LogLevel.Information, "A watch of environment {Environment} ends: its caller is no longer known, or may no longer read it")]
        public static partial void NoLonger(ILogger logger, EnvId environment);
    }
}
