using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>How long a lease is good for.</summary>
/// <param name="Duration">Another may take a lease that was not renewed for this long.</param>
/// <param name="RenewWithin">Its holder has lost it after this long without success.</param>
/// <param name="Retry">How often it is renewed, or tried for.</param>
public sealed record LeaseTimes(TimeSpan Duration, TimeSpan RenewWithin, TimeSpan Retry)
{
    /// <summary>15, 10 and 2 seconds.</summary>
    public static readonly LeaseTimes Default = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2));
}

/// <summary>
/// The Lease by which one operator of many writes (fleet.md §6.6). Whoever holds it says so every two seconds and has lost it after ten without success,
/// five before another may take it. A holder of this very host whose process is gone is not waited for.
/// </summary>
internal sealed partial class LeaderLease(KubeClient client, string ns, string name, string identity, LeaseTimes times, Func<string, bool> isKnownDead, TimeProvider time, ILogger logger)
{
    private static readonly KubeKind Kind = KubeKind.Of("coordination.k8s.io/v1", "Lease")!;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private string? _seenHolder;
    private string? _seenVersion;
    private long _seenAt;
    private long _renewedAt;

    /// <summary>Whose time it is while the lease is held; null before.</summary>
    public LeaseEpoch? Epoch { get; private set; }

    /// <summary>Whether nobody else can hold the lease yet, by a clock that goes on while this process is stopped.</summary>
    public bool IsHeld => Epoch is not null && time.GetElapsedTime(Interlocked.Read(ref _renewedAt)) < times.RenewWithin;

    /// <summary>Waits before a write while it is not certain that the lease is held; a process that was stopped for long ends here.</summary>
    public async ValueTask WaitUntilHeldAsync(CancellationToken cancellationToken)
    {
        while (!IsHeld)
        {
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    /// <summary>Waits until the lease is held.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryAsync(cancellationToken))
        {
            await Task.Delay(times.Retry, time, cancellationToken);
        }

        Log.Acquired(logger, $"{ns}/{name}", identity);
    }

    /// <summary>Keeps the lease until it is lost.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (IsHeld)
        {
            await Task.Delay(times.Retry, time, cancellationToken);
            if (!await TryAsync(cancellationToken) && _seenHolder is { Length: > 0 } other && other != identity)
            {
                break;
            }
        }

        Epoch = null;
        Log.Lost(logger, $"{ns}/{name}", _seenHolder ?? "nobody");
    }

    /// <summary>Gives the lease back, so that another need not wait.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        var read = await client.GetAsync(Kind, ns, name, cancellationToken);
        if (read.Error is not null)
        {
            return;
        }

        using var lease = read.Value!;
        if (Text(lease.RootElement, "holderIdentity") == identity)
        {
            using var done = (await client.ReplaceAsync(Lease("", lease.RootElement), DeploymentController.Manager, cancellationToken)).Value;
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        var read = await client.GetAsync(Kind, ns, name, cancellationToken);
        if (read.Error is { Kind: KubeErrorKind.NotFound })
        {
            return await StoreAsync(() => client.CreateAsync(Lease(identity, null), DeploymentController.Manager, cancellationToken));
        }

        if (read.Error is { } error)
        {
            Log.Unreachable(logger, $"{ns}/{name}", error.Message);
            return false;
        }

        using var lease = read.Value!;
        return MayTake(lease.RootElement) && await StoreAsync(() => client.ReplaceAsync(Lease(identity, lease.RootElement), DeploymentController.Manager, cancellationToken));
    }

    /// <summary>Clocks of two machines are not compared: a lease is over when it did not change for its duration, by the clock here.</summary>
    private bool MayTake(JsonElement lease)
    {
        var holder = Text(lease, "holderIdentity") ?? "";
        var version = lease.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        if (version != _seenVersion)
        {
            (_seenVersion, _seenHolder, _seenAt) = (version, holder, time.GetTimestamp());
        }

        return holder.Length == 0 || holder == identity || isKnownDead(holder) || time.GetElapsedTime(_seenAt) > times.Duration;
    }

    private async Task<bool> StoreAsync(Func<Task<KubeResult<JsonDocument>>> call)
    {
        // The server's clock begins when it stores the lease, which is not before now.
        var asked = time.GetTimestamp();
        var stored = await call();
        using var lease = stored.Value;
        if (stored.Error is { Kind: not KubeErrorKind.Conflict } error)
        {
            Log.Unreachable(logger, $"{ns}/{name}", error.Message);
        }

        if (lease is null)
        {
            return false;
        }

        _seenHolder = identity;
        Interlocked.Exchange(ref _renewedAt, asked);
        Epoch = new LeaseEpoch(
            lease.RootElement.GetProperty("metadata").GetProperty("uid").GetString() ?? "",
            lease.RootElement.GetProperty("spec").TryGetProperty("leaseTransitions", out var transitions) ? transitions.GetInt32() : 0,
            identity);
        return true;
    }

    private JsonElement Lease(string holder, JsonElement? before)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var isSame = before is { } old && Text(old, "holderIdentity") == holder;
        var transitions = before is { } known && known.GetProperty("spec").TryGetProperty("leaseTransitions", out var count) ? count.GetInt32() : 0;
        var lease = new JsonObject
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = Kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = holder,
                ["leaseDurationSeconds"] = holder.Length == 0 ? 1 : (int)times.Duration.TotalSeconds,
                ["acquireTime"] = isSame ? Text(before!.Value, "acquireTime") : now,
                ["renewTime"] = now,
                ["leaseTransitions"] = isSame || before is null ? transitions : transitions + 1,
            },
        };
        if (before is { } earlier)
        {
            lease["metadata"]!["resourceVersion"] = earlier.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        }

        return JsonElement.Parse(lease.ToJsonString());
    }

    private static string? Text(JsonElement lease, string member) =>
        lease.TryGetProperty("spec", out var spec) && spec.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static partial class Log
    {
        [LoggerMessage(4970, LogLevel.Information, "Lease {Lease} is held by {Identity}: this operator writes")]
        public static partial void Acquired(ILogger logger, string lease, string identity);

        [LoggerMessage(4971, LogLevel.Error, "Lease {Lease} was lost to {Holder}: this operator writes no more and waits for it")]
        public static partial void Lost(ILogger logger, string lease, string holder);

        [LoggerMessage(4972, LogLevel.Warning, "Lease {Lease} could not be read or renewed: {Cause}")]
        public static partial void Unreachable(ILogger logger, string lease, string cause);
    }
}
