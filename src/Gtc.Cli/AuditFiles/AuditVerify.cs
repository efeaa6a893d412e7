using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.AuditFiles;

/// <summary><c>gtc audit verify</c>: whether audit logs are as they were written, told from the files alone.</summary>
internal static class AuditVerify
{
    private const int MaxKeyBytes = 16 << 10;

    /// <summary>The verb.</summary>
    public static Verb<VerifyFilePayload> Verb => new()
    {
        Noun = "audit",
        Name = "verify",
        Purpose = "Check that no line of an audit log was changed, removed or put in",
        Remark = "Every line carries the hash of the line before it. That lines are missing at the end is only seen with --head, or by op audit verify, which asks the journal.\n"
            + "The answer gives the present head: note it down where nobody can change it. A log that was pruned begins after a checkpoint, which a trusted key has signed.",
        Examples =
        [
            "audit verify events.jsonl",
            "audit verify events.jsonl --after older.jsonl",
            "audit verify events.jsonl --head 9c1d6dafa07cbb8de51b7bd5b3e1e9f3a3a4d2c98a9f8a1f0be65d4e7a4c1f02",
            "audit verify prod.jsonl --checkpoint prod.jsonl.checkpoint --trust operator.pub",
        ],
        Payload = AuditFilesJson.Default.VerifyFilePayload,
        Fields =
        [
            new("file", "the log", Position: "FILE"),
            new("after", "a log whose lines come before those of FILE, oldest first", "--after", "FILE"),
            new("head", "the hash that the last line must have", "--head", "HASH"),
            new("anchor", "the hash that the first line must name as the one before it", "--anchor", "HASH"),
            new("checkpoint", "the signed checkpoint after which a pruned log begins", "--checkpoint", "FILE"),
            new("trust", "the public key that signed it, in PEM", "--trust", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(VerifyFilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        string[] files = [.. payload.After.Append(payload.File).Select(call.Context.PathOf)];
        if (!Hash("head", payload.Head).TryGet(out var head, out var refusal)
            || !Hash("anchor", payload.Anchor).TryGet(out var anchor, out refusal)
            || !(await CheckpointAsync(payload, call.Context, cancellationToken)).TryGet(out var checkpoint, out refusal)
            || !(await AuditFile.CheckAsync(files, new AuditEnds { Head = head, Before = anchor, Pruned = checkpoint?.PrunedThrough }, cancellationToken)).TryGet(out var read, out refusal))
        {
            return refusal;
        }

        var verdict = read.Verdict;
        return verdict.Broken is { } broken
            ? Broken(verdict, broken, files[^1])
            : Answer.Of(
                new VerifiedFile(files[^1], verdict.Lines, verdict.Unchained) { Head = read.Head, PrunedTotal = checkpoint?.PrunedTotal },
                AuditFilesJson.Default.VerifiedFile,
                screen =>
                {
                    screen.Say($"All {verdict.Lines} lines hold{(verdict.Unchained > 0 ? $"; {verdict.Unchained} are older than the chain" : "")}.");
                    screen.Facts(("head", read.Head), ("pruned before", checkpoint?.PrunedTotal.ToString(CultureInfo.InvariantCulture)));
                });
    }

    private static async Task<Outcome<AuditCheckpoint?>> CheckpointAsync(VerifyFilePayload payload, CliContext context, CancellationToken cancellationToken)
    {
        if (payload.Checkpoint is null && payload.Trust is null)
        {
            return (AuditCheckpoint?)null;
        }

        if (payload.Checkpoint is not { } checkpoint || payload.Trust is not { } trust)
        {
            return new Refusal.InvalidArgument("--checkpoint and --trust go together: who signed a checkpoint must be somebody to believe");
        }

        if (!(await ReadAsync(context.PathOf(trust), MaxKeyBytes, cancellationToken)).TryGet(out var pem, out var refusal)
            || !(await ReadAsync(context.PathOf(checkpoint), DsseEnvelope.MaxBytes, cancellationToken)).TryGet(out var bytes, out refusal))
        {
            return refusal;
        }

        return PublicKey.FromPem(Encoding.Latin1.GetString(pem)).TryGet(out var key, out var error)
            ? AuditCheckpoint.Verify(bytes, null, [TrustedKey.Of(key)]).Then<AuditCheckpoint?>(sound => sound)
            : new Refusal.InvalidArgument($"{trust} is no public key: {error.Message}");
    }

    private static async Task<Outcome<byte[]>> ReadAsync(string path, int most, CancellationToken cancellationToken) => new FileInfo(path) is { Exists: true } file && file.Length > most
        ? new Refusal.FileFailed($"{path} has {file.Length:N0} bytes, the most is {most:N0}")
        : await File.ReadAllBytesAsync(path, cancellationToken);

    private static Outcome<string?> Hash(string name, string? text) => text is null ? (string?)null
        : text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant()
        : new Refusal.InvalidArgument($"{name} must be 64 hex digits");

    private static Refusal.AuditFailed Broken(AuditVerdict verdict, AuditBreak broken, string last)
    {
        var file = broken.File ?? last;
        var line = broken.Line.ToString(CultureInfo.InvariantCulture);
        return new($"{file} is broken at line {line}: {broken.Reason}")
        {
            Details = [new("file", file), new("line", line), new("lines", verdict.Lines.ToString(CultureInfo.InvariantCulture))],
        };
    }
}

/// <summary>What <c>audit verify</c> takes.</summary>
internal sealed record VerifyFilePayload
{
    /// <summary>The log.</summary>
    public required string File { get; init; }

    /// <summary>The logs before it, oldest first.</summary>
    public ImmutableArray<string> After { get => field.IsDefault ? [] : field; init; }

    /// <summary>The hash of the last line.</summary>
    public string? Head { get; init; }

    /// <summary>The hash of the line before the first.</summary>
    public string? Anchor { get; init; }

    /// <summary>The checkpoint's file.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The file of the key that signed it.</summary>
    public string? Trust { get; init; }
}

/// <summary>What <c>audit verify</c> answers.</summary>
internal sealed record VerifiedFile(string File, long Lines, long Unchained)
{
    /// <summary>The hash of the last line.</summary>
    public string? Head { get; init; }

    /// <summary>How many lines were pruned before the first.</summary>
    public ulong? PrunedTotal { get; init; }
}
