using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.AuditFiles;

/// <summary><c>gtc audit</c>: audit logs as files, away from their store (decision 52).</summary>
internal static class AuditCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Check audit logs away from their store";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("audit", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(command, [new("verify", () => VerifyVerb.Purpose, inner => VerifyVerb.Create(inner, flags))], context);
        return command;
    }

    private static Verb<VerifyFilePayload> VerifyVerb => new()
    {
        Noun = "audit",
        Name = "verify",
        Purpose = "Check that no line of an audit log was changed, removed or put in",
        Remark = "Every line carries the hash of the line before it. Without the store a missing end cannot be seen; op audit verify asks the journal too.",
        Examples = ["audit verify events.jsonl", "audit verify events.jsonl --after older.jsonl"],
        Payload = AuditFilesJson.Default.VerifyFilePayload,
        Fields =
        [
            new("file", "the log", Position: "FILE"),
            new("after", "a log whose lines come before those of FILE, oldest first", "--after", "FILE"),
        ],
        RunAsync = VerifyAsync,
    };

    private static async Task<Outcome<Answer>> VerifyAsync(VerifyFilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        string[] files = [.. payload.After.Append(payload.File).Select(call.Context.PathOf)];
        if (!(await AuditFile.VerifyAsync(files, cancellationToken)).TryGet(out var verdict, out var refusal))
        {
            return refusal;
        }

        return verdict.Broken is { } broken
            ? Broken(verdict, broken)
            : Answer.Of(
                new VerifiedFile(files[^1], verdict.Lines, verdict.Unchained),
                AuditFilesJson.Default.VerifiedFile,
                screen => screen.Say($"All {verdict.Lines} lines hold{(verdict.Unchained > 0 ? $"; {verdict.Unchained} are older than the chain" : "")}."));
    }

    private static Refusal.AuditFailed Broken(AuditVerdict verdict, AuditBreak broken)
    {
        var line = broken.Line.ToString(CultureInfo.InvariantCulture);
        return new($"{broken.File} is broken at line {line}: {broken.Reason}")
        {
            Details = [new("file", broken.File!), new("line", line), new("lines", verdict.Lines.ToString(CultureInfo.InvariantCulture))],
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
}

/// <summary>What <c>audit verify</c> answers.</summary>
internal sealed record VerifiedFile(string File, long Lines, long Unchained);

/// <summary>The payloads and results of <c>gtc audit</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(VerifyFilePayload))]
[JsonSerializable(typeof(VerifiedFile))]
internal sealed partial class AuditFilesJson : JsonSerializerContext;
