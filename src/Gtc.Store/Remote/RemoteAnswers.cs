using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a store server's answers amount to (store-server.md §11.3 and §11.4). Pure.</summary>
internal static class RemoteAnswers
{
    private const int NotImplemented = 501;

    /// <summary>The change that an answer with a status of success tells; a conflict when it does not tell all of it.</summary>
    public static Outcome<RemoteChange> Change(RemoteRequest request, JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object
            || Text(answer, "etag") is not { } etag
            || !answer.TryGetProperty("audit", out var line)
            || !answer.TryGetProperty("generation", out var counted) || !counted.TryGetUInt64(out var generation)
            || !Documents.AuditEvent.Parse(JsonMarshal.GetRawUtf8Value(line)).TryGet(out var audit, out _))
        {
            return Unbelievable("it lacks the entity tag, the generation or the audit line");
        }

        // How a convergence ended is recorded as it ended; the recording itself succeeded.
        var mayReportFailure = request is { Noun: "env", Verb: "reconcile-complete" };
        var wrong = audit.Authorization.Decision != "allow" ? "it was denied"
            : audit.Result.Outcome != "ok" && !mayReportFailure ? $"it ended with `{audit.Result.Kind}`"
            : audit.EnvId != request.Environment.ToString() ? $"it is about environment `{audit.EnvId}`"
            : audit.IdempotencyKey != request.Key ? "it is about another request"
            : null;
        if (wrong is not null)
        {
            return Unbelievable($"its audit line says that {wrong}");
        }

        var isReplay = answer.TryGetProperty("idempotency", out var idempotency) && Text(idempotency, "idempotency") == "replayed";
        return new RemoteChange(answer.TryGetProperty("result", out var result) ? result : default, etag, generation, isReplay, audit);
    }

    /// <summary>The refusal that an answer with another status tells.</summary>
    public static Refusal Refuse(EnvId? environment, int status, JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } json || Text(json, "kind") is not { } kind)
        {
            return Untyped(environment, status);
        }

        if (ProblemKind.All.FirstOrDefault(one => one.Name == kind) is { } known && known.Status != status && !(known == ProblemKind.Unauthorized && status == 401))
        {
            return new Refusal.Conflict($"the store server breaks its contract: `{kind}` came with status {status}");
        }

        if (json.TryGetProperty("refusal", out var kept) && KeptRefusal.TryRead(kept) is { } told)
        {
            return told is Refusal.Conflict conflict && kind == "already-exists" ? conflict with { IsDuplicate = true } : told;
        }

        var message = Text(json, "detail") ?? Text(json, "reason") ?? Text(json, "message") ?? kind;
        return kind switch
        {
            "not-found" => Absent(environment),
            "dependent-not-found" => new Refusal.Missing(message),
            "invalid-request" or "integrity-mismatch" or "too-large" => new Refusal.InvalidArgument(message),
            "unauthorized" => new Refusal.Unauthorized(message) { Details = [new("policy", Text(json, "policy") ?? "remote")] },
            "precondition-failed" => Moved(environment, json),
            "rate-limited" or "unavailable" => new Refusal.Unreachable($"the store server cannot answer at the moment: {message}"),
            "already-exists" => new Refusal.Conflict(message) { IsDuplicate = true },
            "health-gate-failed" => new Refusal.Conflict($"revision {Text(json, "revision_id")} did not pass its health gate: {message}"),
            "route-not-found" or "method-not-allowed" or "not-yet-implemented" => new Refusal.InvalidArgument($"the store server does not do this: {message}"),
            _ => new Refusal.Conflict(message),
        };
    }

    /// <summary>Whether a change may have been made although its answer is a refusal. One below 500 says that it was not; a connection that was made once may have carried it, whatever became of it then.</summary>
    /// <param name="status">The answer's status; null when none came.</param>
    /// <param name="refusal">What the answer amounts to.</param>
    public static bool MayStand(int? status, Refusal refusal) => status is not (>= 300 and < 500 or NotImplemented) && refusal is not Refusal.AuditFailed;

    private static Refusal Untyped(EnvId? environment, int status) => status switch
    {
        404 => Absent(environment),
        400 or 422 => new Refusal.InvalidArgument($"the store server refuses the request with status {status}"),
        401 or 403 => new Refusal.Unauthorized($"something before the store server refuses the request with status {status}") { Details = [new("policy", "remote")] },
        502 or 503 or 504 => new Refusal.Unreachable($"something before the store server answers with status {status}"),
        _ => new Refusal.Conflict($"the store server answers with status {status}"),
    };

    private static Refusal.Missing Absent(EnvId? environment) => environment is { } id
        ? new($"environment `{id}` does not exist") { Next = $"gtc op env create {id}" }
        : new("the store server knows no such path");

    /// <summary>Somebody else was faster: who, and with what.</summary>
    private static Refusal.Conflict Moved(EnvId? environment, JsonElement json)
    {
        var details = ImmutableArray.CreateBuilder<RefusalDetail>();
        details.Add(new("expected", Text(json, "expected_etag") ?? "another entity tag"));
        details.Add(new("found", Text(json, "actual_etag") ?? "unknown"));
        if (json.TryGetProperty("changes", out var changes) && changes.ValueKind == JsonValueKind.Array)
        {
            foreach (var change in changes.EnumerateArray().Where(change => change.ValueKind == JsonValueKind.Object))
            {
                details.Add(new("since", $"{Text(change, "verb")} by {Text(change, "by")} at {Text(change, "at")}"));
            }
        }

        return new($"environment `{environment}` was changed by somebody else meanwhile; nothing was done") { Details = details.ToImmutable() };
    }

    private static Refusal.Conflict Unbelievable(string why) => new($"the store server answers that the change stands, but {why}; ask again under the same key");

    private static string? Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
