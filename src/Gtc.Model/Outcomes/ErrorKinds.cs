namespace Gtc.Model;

/// <summary>The one table from a refusal's type to the error kind on the wire (op-cli.md §2). Kinds are a promise: never renamed, never reused.</summary>
public static class ErrorKinds
{
    /// <summary>The kind of a refusal, in the wire's spelling.</summary>
    public static string Of(Refusal refusal) => refusal switch
    {
        Refusal.Missing or DeployerRefusal.RevisionNotFound or DeployerRefusal.SplitNotFound => "not-found",
        Refusal.Conflict or Refusal.StaleWrite or Refusal.DigestMismatch => "conflict",
        Refusal.InvalidArgument or Refusal.MalformedArtifact => "invalid-argument",
        Refusal.InvalidDocument or DeployerRefusal.InvalidSplit => "spec",
        Refusal.UnreadableAnswers => "answers-parse",
        Refusal.StoreFailed => "store",
        Refusal.FileFailed => "io",
        Refusal.FetchFailed => "fetch",
        Refusal.Unreachable => "transport",
        Refusal.Unauthorized => "unauthorized",
        Refusal.AuditFailed => "audit",
        Refusal.RevenuePolicyFailed => "revenue-policy",
        Refusal.TrustRootFailed => "trust-root",
        Refusal.OperatorKeyFailed => "operator-key",
        DeployerRefusal.Provider => "provider",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "A refusal without an error kind."),
    };
}
