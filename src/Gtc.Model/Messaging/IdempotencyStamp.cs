namespace Gtc.Model;

/// <summary>
/// Reads the stamp <c>&lt;who&gt;#idem=&lt;op&gt;:&lt;key&gt;</c> that older stores leave in <c>updated_by</c>. It is never written: the next change
/// overwrites it, so replays are kept in a ledger beside the document instead.
/// </summary>
internal static class IdempotencyStamp
{
    public static bool Matches(MessagingEndpoint endpoint, string operation, string? key) =>
        !string.IsNullOrEmpty(key) && endpoint.UpdatedBy.EndsWith($"#idem={operation}:{key}", StringComparison.Ordinal);
}
