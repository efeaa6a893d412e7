using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Nats;

/// <summary>The broker that a payload means.</summary>
internal static class KvBroker
{
    /// <summary>Connects.</summary>
    public static async Task<Outcome<NatsConnection>> ConnectAsync(KvPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var server = payload.Server ?? call.Context.Variable(KvPayload.ServerVariable) ?? KvPayload.DefaultServer;
        var credentials = NatsCredentials.None;
        if (payload.Creds is not null)
        {
            if (!(await NatsCredentials.FromFileAsync(call.Context.PathOf(payload.Creds), cancellationToken)).TryGet(out var read, out var unreadable))
            {
                return Refuse(unreadable);
            }

            credentials = read;
        }

        var options = new NatsOptions { Urls = [.. server.Split(',')], Name = "gtc fleet nats kv", Credentials = credentials };
        return (await NatsConnection.ConnectAsync(options, call.Context.Time, cancellationToken)).TryGet(out var connection, out var error)
            ? connection
            : error.Kind == NatsErrorKind.Invalid ? Refuse(error)
            : Refuse(error) with { Next = $"{call.Context.ProgramName} fleet nats kv ls --server {KvPayload.DefaultServer}" };
    }

    /// <summary>Connects, does something with a bucket that is there, and leaves.</summary>
    public static async Task<Outcome<T>> WithBucketAsync<T>(
        KvPayload payload, string bucket, VerbCall call, Func<Bucket, Task<NatsResult<T>>> run, CancellationToken cancellationToken)
    {
        if (!(await ConnectAsync(payload, call, cancellationToken)).TryGet(out var opened, out var refusal))
        {
            return refusal;
        }

        await using var connection = opened;
        if (!connection.JetStream().Bucket(bucket).TryGet(out var found, out var error))
        {
            return Refuse(error);
        }

        // Who may not look at streams goes on without: direct reads may be allowed all the same.
        var seen = await found.StatusAsync(cancellationToken);
        if (seen.Error is { Kind: not NatsErrorKind.PermissionDenied } missing)
        {
            return missing.Kind == NatsErrorKind.NotFound
                ? new Refusal.Missing($"there is no bucket {bucket} at the broker") { Next = $"{call.Context.ProgramName} fleet nats kv ls" }
                : Refuse(missing);
        }

        return (await run(found)).TryGet(out var done, out error) ? done : Refuse(error);
    }

    /// <summary>What an error of the broker is to a person.</summary>
    public static Refusal Refuse(NatsError error) => error.Kind switch
    {
        NatsErrorKind.NotFound => new Refusal.Missing(error.Message),
        NatsErrorKind.Invalid or NatsErrorKind.TooLarge => new Refusal.InvalidArgument(error.Message),
        NatsErrorKind.AlreadyExists or NatsErrorKind.RollUpRefused => new Refusal.Conflict(error.Message),
        NatsErrorKind.WrongLastSequence => new Refusal.Conflict($"the key is at another revision: {error.Message}"),
        NatsErrorKind.Unauthorized or NatsErrorKind.PermissionDenied => new Refusal.Unauthorized(error.Message),
        _ => new Refusal.FetchFailed(error.Message),
    };
}
