namespace Gtc.Cli.Verbs;

/// <summary>How one member of a payload is typed and explained.</summary>
/// <param name="Path">Its dotted path in the payload.</param>
/// <param name="Purpose">What it is, one line without a final full stop.</param>
/// <param name="Flag">The flag that sets it, or null when only words and answers do.</param>
/// <param name="ValueName">What the flag's value is called in help.</param>
/// <param name="Position">Its name as a position behind the verb, or null.</param>
internal sealed record PayloadField(string Path, string Purpose, string? Flag = null, string ValueName = "VALUE", string? Position = null)
{
    /// <summary>The environment, as every verb of <c>gtc op</c> takes it.</summary>
    public static PayloadField Environment { get; } =
        new("environment_id", "the environment; GREENTIC_ENV or `local` when not given", "--env", "ENV", "ENV");

    /// <summary>A key of the caller's own in the audit log.</summary>
    public static PayloadField AuditKey { get; } =
        new("idempotency_key", "a key of your own for the audit log; minted when not given", "--idempotency-key", "KEY");

    /// <summary>A key of the caller's own under which a retry is answered as the first time.</summary>
    public static PayloadField RetryKey { get; } =
        new("idempotency_key", "a key of your own: a retry with it gets the first answer; minted when not given", "--idempotency-key", "KEY");
}
