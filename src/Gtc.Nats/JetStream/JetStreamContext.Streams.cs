using System.Text.Json;

namespace Gtc.Nats;

/// <content>Streams and their single messages.</content>
public sealed partial class JetStreamContext
{
    /// <summary>Makes a stream. One with the same configuration is taken as it is.</summary>
    /// <returns>The stream, or <see cref="NatsErrorKind.AlreadyExists"/> when it is set otherwise.</returns>
    public Task<NatsResult<StreamStatus>> CreateStreamAsync(StreamConfig config, CancellationToken cancellationToken) => SetStreamAsync("CREATE", config, cancellationToken);

    /// <summary>Changes a stream.</summary>
    public Task<NatsResult<StreamStatus>> UpdateStreamAsync(StreamConfig config, CancellationToken cancellationToken) => SetStreamAsync("UPDATE", config, cancellationToken);

    /// <summary>Makes a stream, or changes the one that is there. What cannot be changed, e.g. the storage, is an error.</summary>
    public async Task<NatsResult<StreamStatus>> EnsureStreamAsync(StreamConfig config, CancellationToken cancellationToken)
    {
        var created = await CreateStreamAsync(config, cancellationToken);
        return created.Error?.Kind == NatsErrorKind.AlreadyExists ? await UpdateStreamAsync(config, cancellationToken) : created;
    }

    /// <summary>How a stream is set and what is in it.</summary>
    public async Task<NatsResult<StreamStatus>> StreamAsync(string stream, CancellationToken cancellationToken) =>
        KeyRules.CheckStream(stream) is { } invalid ? invalid
            : Read(await CallAsync($"STREAM.INFO.{stream}", default, JetStreamJson.Default.StreamReply, cancellationToken));

    /// <summary>Deletes a stream with all its messages.</summary>
    public async Task<NatsResult> DeleteStreamAsync(string stream, CancellationToken cancellationToken) =>
        KeyRules.CheckStream(stream) is { } invalid ? invalid
            : (await CallAsync($"STREAM.DELETE.{stream}", default, JetStreamJson.Default.DoneReply, cancellationToken)).Error is { } error ? error : NatsResult.Done;

    /// <summary>Deletes messages.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="filter">Only those of these subjects; null for all.</param>
    /// <param name="keep">How many of the newest stay; null for none.</param>
    /// <param name="upTo">Only those with a sequence below this one; null for all. Excludes <paramref name="keep"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many messages went.</returns>
    public async Task<NatsResult<ulong>> PurgeStreamAsync(string stream, string? filter, ulong? keep, ulong? upTo, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckStream(stream) is { } invalid)
        {
            return invalid;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new PurgeRequest { Filter = filter, Keep = keep, UpTo = upTo }, JetStreamJson.Default.PurgeRequest);
        var purged = await CallAsync($"STREAM.PURGE.{stream}", body, JetStreamJson.Default.PurgeReply, cancellationToken);
        return purged.TryGet(out var reply, out var error) ? reply.Purged : error;
    }

    /// <summary>The names of all streams.</summary>
    public async Task<NatsResult<IReadOnlyList<string>>> StreamNamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        while (true)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new NamesRequest { Offset = names.Count }, JetStreamJson.Default.NamesRequest);
            if (!(await CallAsync("STREAM.NAMES", body, JetStreamJson.Default.NamesReply, cancellationToken)).TryGet(out var page, out var error))
            {
                return error;
            }

            names.AddRange(page.Streams ?? []);
            if (page.Streams is not { Count: > 0 } || names.Count >= page.Total)
            {
                return names;
            }
        }
    }

    /// <summary>The last message of a subject, from the stream's index; the stream has to allow it.</summary>
    /// <returns>The message, or <see cref="NatsErrorKind.NotFound"/>. A server of 2.9 does not answer at all when the stream is not there: <see cref="NatsErrorKind.TimedOut"/>.</returns>
    public Task<NatsResult<StreamMessage>> DirectGetAsync(string stream, string subject, CancellationToken cancellationToken) =>
        KeyRules.CheckStream(stream) is { } invalid || (invalid = Subject.Check(subject)) is not null
            ? Task.FromResult<NatsResult<StreamMessage>>(invalid)
            : DirectGetAsync($"{Api}.DIRECT.GET.{stream}.{subject}", ReadOnlyMemory<byte>.Empty, cancellationToken);

    /// <summary>The message with a sequence; the stream has to allow it.</summary>
    public Task<NatsResult<StreamMessage>> DirectGetAsync(string stream, ulong sequence, CancellationToken cancellationToken) =>
        DirectGetAsync(stream, new DirectGetRequest { Sequence = sequence }, cancellationToken);

    /// <summary>The first message of a subject, which may hold wildcards, with this sequence or a later one; the stream has to allow it.</summary>
    public Task<NatsResult<StreamMessage>> DirectGetNextAsync(string stream, ulong sequence, string subject, CancellationToken cancellationToken) =>
        DirectGetAsync(stream, new DirectGetRequest { Sequence = sequence, NextBySubject = subject }, cancellationToken);

    private static NatsResult<StreamStatus> Read(NatsResult<StreamReply> replied) =>
        !replied.TryGet(out var reply, out var error) ? error
            : reply is { Config: { } config, State: { } state } ? new StreamStatus(config, state, reply.Created)
            : new NatsError(NatsErrorKind.Protocol, "the API's answer about a stream has no configuration");

    private Task<NatsResult<StreamMessage>> DirectGetAsync(string stream, DirectGetRequest request, CancellationToken cancellationToken) =>
        KeyRules.CheckStream(stream) is { } invalid
            ? Task.FromResult<NatsResult<StreamMessage>>(invalid)
            : DirectGetAsync($"{Api}.DIRECT.GET.{stream}", JsonSerializer.SerializeToUtf8Bytes(request, JetStreamJson.Default.DirectGetRequest), cancellationToken);

    private async Task<NatsResult<StreamMessage>> DirectGetAsync(string subject, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        (await Connection.RequestAsync(subject, body, cancellationToken)).TryGet(out var message, out var error) ? StreamMessage.FromDirectGet(message) : error;

    private async Task<NatsResult<StreamStatus>> SetStreamAsync(string verb, StreamConfig config, CancellationToken cancellationToken) =>
        KeyRules.CheckStream(config.Name) is { } invalid ? invalid
            : Read(await CallAsync(
                $"STREAM.{verb}.{config.Name}", JsonSerializer.SerializeToUtf8Bytes(config, JetStreamJson.Default.StreamConfig), JetStreamJson.Default.StreamReply, cancellationToken));
}
