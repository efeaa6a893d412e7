using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>An error kind of the wire and its one status (store-server.md §2.3; those after <c>not-yet-implemented</c> are additions). Kinds are a promise: never renamed, never reused.</summary>
/// <param name="Name">The value of <c>kind</c>.</param>
/// <param name="Status">The HTTP status; <see cref="Unauthorized"/> is 401 where the caller is not known.</param>
/// <param name="Meaning">One sentence, for the published document.</param>
public sealed record ProblemKind(string Name, int Status, string Meaning)
{
    /// <summary>The request is malformed.</summary>
    public static readonly ProblemKind InvalidRequest = new("invalid-request", 400, "The request is malformed; `detail` says where.");

    /// <summary>The caller is not known, or may not.</summary>
    public static readonly ProblemKind Unauthorized = new("unauthorized", 403, "Policy denies it; 401 where the caller is not known.");

    /// <summary>There is no such environment.</summary>
    public static readonly ProblemKind NotFound = new("not-found", 404, "The environment does not exist.");

    /// <summary>There is no such thing in the environment.</summary>
    public static readonly ProblemKind DependentNotFound = new("dependent-not-found", 404, "What is named does not exist in the environment.");

    /// <summary>What is to be made exists.</summary>
    public static readonly ProblemKind AlreadyExists = new("already-exists", 409, "What is to be made exists already.");

    /// <summary>The state does not allow it.</summary>
    public static readonly ProblemKind Conflict = new("conflict", 409, "The state of the environment does not allow it.");

    /// <summary>The key was used for another request.</summary>
    public static readonly ProblemKind IdempotencyConflict = new("idempotency-conflict", 409, "The idempotency key was used for another request.");

    /// <summary>The environment is not as the caller saw it.</summary>
    public static readonly ProblemKind PreconditionFailed = new("precondition-failed", 412, "The environment is not as the caller saw it; `changes` says what happened since, where that is known.");

    /// <summary>The health gate failed; the change stands.</summary>
    public static readonly ProblemKind HealthGateFailed = new("health-gate-failed", 422, "The health gate failed. The revision is `failed` now: the change stands.");

    /// <summary>Stored bytes are not those that were stored.</summary>
    public static readonly ProblemKind IntegrityMismatch = new("integrity-mismatch", 422, "What is stored, or was sent, does not have its digest.");

    /// <summary>The request must say what the caller saw.</summary>
    public static readonly ProblemKind PreconditionRequired = new("precondition-required", 428, "The request must say what the caller saw.");

    /// <summary>The server failed.</summary>
    public static readonly ProblemKind Internal = new("internal", 500, "The server failed; its log says more.");

    /// <summary>The server does not do this.</summary>
    public static readonly ProblemKind NotYetImplemented = new("not-yet-implemented", 501, "The server does not do this.");

    /// <summary>There is no such route.</summary>
    public static readonly ProblemKind RouteNotFound = new("route-not-found", 404, "There is no such route.");

    /// <summary>The route exists with other methods.</summary>
    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405, "The route exists with other methods; `Allow` names them.");

    /// <summary>The body is too large.</summary>
    public static readonly ProblemKind TooLarge = new("too-large", 413, "The body is larger than the route takes.");

    /// <summary>There are no bytes at the place that was asked for.</summary>
    public static readonly ProblemKind RangeNotSatisfiable = new("range-not-satisfiable", 416, "There are no bytes where the range begins; `Content-Range` says how many there are.");

    /// <summary>The caller asks too often.</summary>
    public static readonly ProblemKind RateLimited = new("rate-limited", 429, "The caller asks too often; `Retry-After` says how long to wait.");

    /// <summary>The storage cannot be reached.</summary>
    public static readonly ProblemKind Unavailable = new("unavailable", 503, "The server cannot answer at the moment.");

    /// <summary>All kinds.</summary>
    public static ImmutableArray<ProblemKind> All { get; } =
    [
        InvalidRequest, Unauthorized, NotFound, DependentNotFound, AlreadyExists, Conflict, IdempotencyConflict, PreconditionFailed, HealthGateFailed, IntegrityMismatch,
        PreconditionRequired, Internal, NotYetImplemented, RouteNotFound, MethodNotAllowed, TooLarge, RangeNotSatisfiable, RateLimited, Unavailable,
    ];
}
