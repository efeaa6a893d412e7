using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Backups;

/// <summary><c>gtc op backups</c>: the backups that a store server keeps of an environment.</summary>
internal static class BackupsNoun
{
    /// <summary>The noun.</summary>
    public const string Name = "backups";

    /// <summary>What it is.</summary>
    public const string Purpose = "Backups that a store server keeps of an environment";

    /// <summary>The backup that a verb means.</summary>
    public static PayloadField Backup { get; } = new("backup_id", "the backup, as op backups list tells it", "--backup", "ID");

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create(Name, Purpose, context,
    [
        new("create", () => CreateVerb.Purpose, inner => CreateVerb.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("restore", () => BackupRestore.Verb.Purpose, inner => BackupRestore.Verb.Create(inner, flags)),
        new("export", () => BackupTransfer.ExportVerb.Purpose, inner => BackupTransfer.ExportVerb.Create(inner, flags)),
        new("import", () => BackupTransfer.ImportVerb.Purpose, inner => BackupTransfer.ImportVerb.Create(inner, flags)),
        new("delete", () => DeleteVerb.Purpose, inner => DeleteVerb.Create(inner, flags)),
    ]);

    /// <summary>The environment and the server that a call means.</summary>
    public static Outcome<(EnvId Environment, RemoteStore Server)> Open(VerbCall call, string? environment) => call.Environment(environment).Then(id => call.RemoteStore().Then(server => server is null
        ? new Refusal.InvalidArgument("backups are kept by a store server; files have snapshots") { Next = $"gtc op env snapshot create {id}" }
        : (Outcome<(EnvId, RemoteStore)>)(id, server)));

    /// <summary>Changes something about backups, which is no change of the environment that a caller could have seen.</summary>
    public static async Task<Outcome<RemoteChange>> ChangeAsync(
        VerbCall call, string? environment, string verb, HttpMethod method, ImmutableArray<string> segments, byte[]? body, string? key, CancellationToken cancellationToken) =>
        OpStore.WhyNotExpecting(call) is { } unexpected ? unexpected : await AskAsync(call, environment, verb, method, segments, body, key, cancellationToken);

    /// <summary>Asks a server for a change.</summary>
    public static async Task<Outcome<RemoteChange>> AskAsync(
        VerbCall call, string? environment, string verb, HttpMethod method, ImmutableArray<string> segments, byte[]? body, string? key, CancellationToken cancellationToken)
    {
        if (!Open(call, environment).TryGet(out var at, out var refusal) || !call.IdempotencyKey(key).TryGet(out var taken, out refusal))
        {
            return refusal;
        }

        return await at.Server.ChangeAsync(new RemoteRequest(at.Environment, "backup", verb) { Method = method, Segments = segments, Body = body, Key = taken, IsChained = false }, cancellationToken);
    }

    /// <summary>What a server answered, and a sentence for people.</summary>
    public static Answer Told(JsonElement result, Func<JsonElement, string> sentence) => new(writer => result.WriteTo(writer), screen => screen.Say(sentence(result)));

    private static Verb<MakeBackupPayload> CreateVerb => new()
    {
        Noun = Name,
        Name = "create",
        Purpose = "Keep the environment as it is now, beside it on the server",
        Examples = ["op backups create prod --store-url https://store.example:8787"],
        Payload = OpJson.Default.MakeBackupPayload,
        Fields = [PayloadField.Environment, PayloadField.RetryKey],
        RunAsync = async (payload, call, stop) => (await ChangeAsync(call, payload.EnvironmentId, "create", HttpMethod.Post, ["backups"], null, payload.IdempotencyKey, stop)).Then<Answer>(done =>
            Told(done.Result, made => $"Backup {made.GetProperty("backup_id").GetString()} holds generation {made.GetProperty("generation").GetUInt64()}.")),
    };

    private static Verb<EnvironmentPayload> ListVerb => new()
    {
        Noun = Name,
        Name = "list",
        Purpose = "List the backups of an environment, oldest first",
        Examples = ["op backups list prod --store-url https://store.example:8787"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static Verb<BackupIdPayload> DeleteVerb => new()
    {
        Noun = Name,
        Name = "delete",
        Purpose = "Give up a backup",
        Examples = ["op backups delete prod --backup 01KAN0C2M5V8W6Y3T1R9QKXJ7H --store-url https://store.example:8787"],
        Payload = OpJson.Default.BackupIdPayload,
        Fields = [PayloadField.Environment, Backup, PayloadField.RetryKey],
        RunAsync = async (payload, call, stop) => (await ChangeAsync(call, payload.EnvironmentId, "delete", HttpMethod.Delete, ["backups", payload.BackupId], null, payload.IdempotencyKey, stop)).Then<Answer>(done =>
            Told(done.Result, _ => $"Backup {payload.BackupId} is deleted.")),
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken) =>
        !Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) ? refusal
        : (await at.Server.BackupsAsync(at.Environment, [], cancellationToken)).Then<Answer>(listed => new Answer(writer => listed.WriteTo(writer), screen => screen.Table(
            new(
                [new("backup"), new("made"), new("generation"), new("bytes")],
                [.. listed.GetProperty("backups").EnumerateArray().Concat(listed.TryGetProperty("ended", out var ended) ? ended.EnumerateArray() : []).Select(one => ImmutableArray.Create(
                    one.GetProperty("backup_id").GetString()!, screen.Ago(one.GetProperty("created_at").GetDateTimeOffset()), one.GetProperty("generation").GetRawText(), one.GetProperty("size_bytes").GetRawText()))]),
            "The environment keeps no backup.")));
}

/// <summary>What <c>backups create</c> takes.</summary>
internal sealed record MakeBackupPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What verbs on one backup take.</summary>
internal sealed record BackupIdPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The backup.</summary>
    public required string BackupId { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}
