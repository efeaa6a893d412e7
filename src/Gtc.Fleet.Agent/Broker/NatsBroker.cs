using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Fleet.Agent.Broker;

/// <summary>The broker of a device: one connection, two subscriptions, direct gets. No consumer is made for a device (fleet.md §4.4).</summary>
internal sealed class NatsBroker : IFleetBroker, IAsyncDisposable
{
    private const string NotCalled = "the broker was not called yet";
    private const int ReceiveBuffer = 16 * 1024;
    private static readonly SubscriptionOptions Bounded = new() { Capacity = 1024, MaxBytes = 4 * 1024 * 1024, WhenFull = WhenFull.DropOldest };

    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(30);

    private readonly NatsOptions _options;
    private readonly AgentConfig _config;
    private readonly TimeProvider _time;
    private readonly Channel<NatsStatus> _statuses = Channel.CreateUnbounded<NatsStatus>();
    private NatsConnection? _connection;
    private TimeSpan _reconnectWindow;

    private NatsBroker(NatsOptions options, AgentConfig config, TimeProvider time)
    {
        _options = options;
        _config = config;
        _time = time;
        _reconnectWindow = config.ReconnectWindow;
    }

    /// <inheritdoc/>
    public TimeSpan ReconnectWindow
    {
        set
        {
            _reconnectWindow = value;
            if (_connection is { } connection)
            {
                connection.ReconnectWindow = value;
            }
        }
    }

    /// <summary>A broker that is not called yet.</summary>
    /// <returns>The broker, or what is wrong with the configuration.</returns>
    public static AgentResult<NatsBroker> Create(AgentConfig config, TimeProvider time)
    {
        X509Certificate2Collection? roots = null;
        if (config.CertificateFile is { } file)
        {
            try
            {
                roots = [];
                roots.ImportFromPemFile(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
            {
                return new AgentError($"nats.ca_file {file} cannot be used: {error.Message}");
            }
        }

        var options = new NatsOptions
        {
            Urls = config.Urls,
            Name = $"gtc-agent {config.Device}",
            InboxPrefix = config.InboxPrefix,
            ReceiveBufferBytes = ReceiveBuffer,
            Tls = new NatsTls { TrustedRoots = roots },
            Credentials = config.Credentials is AgentCredentials.UserPassword known ? new NatsCredentials.UserPassword(known.User, known.Password) : NatsCredentials.None,
            CredentialSource = config.Credentials is AgentCredentials.CredsFile creds ? async cancellationToken => await NatsCredentials.FromFileAsync(creds.Path, cancellationToken) : null,
        };
        return new NatsBroker(options, config, time);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        _connection = NatsConnection.Start(_options, _time).Value;
        _connection.ReconnectWindow = _reconnectWindow;
        _connection.StatusChanged += status => _statuses.Writer.TryWrite(status);
        // Before anything is read, so that nothing falls between reading and listening.
        var desired = await SubscribeAsync(FleetSubjects.DesiredOf(_config.Device), messages, cancellationToken);
        var requests = await SubscribeAsync(FleetSubjects.RpcOf(_config.Device), messages, cancellationToken);
        _statuses.Writer.TryWrite(_connection.Status);
        await Task.WhenAll(
            ReadDesiredAsync(desired, messages, cancellationToken),
            ReadRequestsAsync(requests, messages, cancellationToken),
            ReadStatusAsync(messages, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<BrokerRead> ReadDesiredAsync(string key, CancellationToken cancellationToken)
    {
        if (Bucket(FleetBuckets.DesiredState) is not { } bucket)
        {
            return new BrokerRead.Failed(NotCalled);
        }

        if ((await bucket.GetAsync(key, cancellationToken)).TryGet(out var entry, out var error))
        {
            return new BrokerRead.Found(entry.Value.ToArray(), (long)entry.Revision);
        }

        return error.Kind == NatsErrorKind.NotFound ? new BrokerRead.Absent() : new BrokerRead.Failed(error.Message);
    }

    /// <inheritdoc/>
    public async Task<bool?> HasStateAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Bucket(FleetBuckets.DeviceState) is not { } bucket ? null
        : (await bucket.GetAsync(key, cancellationToken)).TryGet(out var entry, out var error) ? entry.Value.Span.SequenceEqual(bytes.Span)
        : error.Kind == NatsErrorKind.NotFound ? false
        : null;

    /// <inheritdoc/>
    public async Task<string?> PutAsync(BucketSpec bucket, string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Bucket(bucket) is { } there ? (await there.PutAsync(key, bytes, cancellationToken)).Error?.ToString() : NotCalled;

    /// <inheritdoc/>
    public async Task<string?> DeleteAsync(BucketSpec bucket, string key, CancellationToken cancellationToken) =>
        Bucket(bucket) is { } there ? (await there.DeleteAsync(key, cancellationToken)).Error?.ToString() : NotCalled;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Bucket? Bucket(BucketSpec bucket) => _connection?.JetStream().Bucket(bucket.Name).Value;

    /// <summary>A subject that this device may not read is a matter of its credentials, which can be put right while it runs.</summary>
    private async Task<NatsSubscription> SubscribeAsync(string subject, ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((await _connection!.SubscribeAsync(subject, Bounded, cancellationToken)).TryGet(out var subscription, out var error))
            {
                return subscription;
            }

            await messages.WriteAsync(new AgentMessage.Disconnected($"{subject} cannot be subscribed to: {error}"), cancellationToken);
            await Task.Delay(RefusedPause, _time, cancellationToken);
        }
    }

    private static async Task ReadDesiredAsync(NatsSubscription subscription, ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        const string prefix = "fleet.desired.";
        var dropped = 0L;
        await foreach (var message in subscription.ReadAllAsync(cancellationToken))
        {
            if (message.Headers is { } headers && long.TryParse(headers["Nats-Sequence"], CultureInfo.InvariantCulture, out var seq))
            {
                var bytes = headers["KV-Operation"] is null ? message.Payload.ToArray() : [];
                await messages.WriteAsync(new AgentMessage.Desired(message.Subject[prefix.Length..], bytes, seq), cancellationToken);
            }

            if (subscription.Dropped != dropped)
            {
                dropped = subscription.Dropped;
                await messages.WriteAsync(new AgentMessage.ReadManifest(), cancellationToken);
            }
        }
    }

    private static async Task ReadRequestsAsync(NatsSubscription subscription, ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        await foreach (var message in subscription.ReadAllAsync(cancellationToken))
        {
            var verb = message.Subject[(message.Subject.LastIndexOf('.') + 1)..];
            await messages.WriteAsync(new AgentMessage.Request(verb, async (answer, stop) => await message.ReplyAsync(answer, stop)), cancellationToken);
        }
    }

    private async Task ReadStatusAsync(ChannelWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        var connects = 0;
        await foreach (var status in _statuses.Reader.ReadAllAsync(cancellationToken))
        {
            if (status.State == NatsState.Connected && status.Connects != connects)
            {
                connects = status.Connects;
                await messages.WriteAsync(new AgentMessage.Connected(status.Server), cancellationToken);
            }
            else if (status.State == NatsState.Connecting && status.Error is { } error)
            {
                await messages.WriteAsync(new AgentMessage.Disconnected(error.Message), cancellationToken);
            }
        }
    }
}
