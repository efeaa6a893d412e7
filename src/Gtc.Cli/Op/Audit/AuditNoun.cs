using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.Audit;

/// <summary><c>gtc op audit</c>.</summary>
internal static class AuditNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "The record of every change";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("audit", Purpose, context,
    [
        new("show", () => AuditShow.Verb.Purpose, inner => AuditShow.Verb.Create(inner, flags)),
        new("prune", () => AuditPrune.Verb.Purpose, inner => AuditPrune.Verb.Create(inner, flags)),
        new("verify", () => VerifyVerb.Purpose, inner => VerifyVerb.Create(inner, flags)),
    ]);

    private static Verb<EnvironmentPayload> VerifyVerb => new()
    {
        Noun = "audit",
        Name = "verify",
        Purpose = "Check that no line of an environment's audit log was changed, removed or put in",
        Remark = "Every line carries the hash of the line before it, and the journal knows the last one. A break is a refusal that names the first line that is wrong.",
        Examples = ["op audit verify", "op audit verify prod"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = VerifyAsync,
    };

    /// <summary>A store server of this user signs with this key what it prunes, whether environments trust it or not.</summary>
    private static ImmutableArray<TrustedKey> OwnKeys(CliContext context) =>
        OperatorKeyFile.FindPath(context.Variable).Then(path => new OperatorKeyFile(context.PathOf(path), new RandomSource(context.Random)).LoadIfPresent()).Match<ImmutableArray<TrustedKey>>(
            key =>
            {
                using (key)
                {
                    return key is null ? [] : [TrustedKey.Of(key.Key.PublicKey)];
                }
            },
            _ => []);

    private static async Task<Outcome<Answer>> VerifyAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out _, out refusal)
            || !(await new AuditTrail(at.Store) { Trusted = OwnKeys(call.Context) }.VerifyAsync(at.Environment, cancellationToken)).TryGet(out var verdict, out refusal))
        {
            return refusal;
        }

        if (verdict.Broken is { } broken)
        {
            return new Refusal.AuditFailed($"the audit log of environment `{at.Environment}` is broken at line {broken.Line.ToString(CultureInfo.InvariantCulture)}: {broken.Reason}")
            {
                Details = [new("file", at.Layout.AuditLog), new("sound lines before", (broken.Line - 1).ToString(CultureInfo.InvariantCulture))],
            };
        }

        return Answer.Of(
            new AuditVerified(at.Environment.ToString(), verdict.Lines, verdict.Unchained),
            OpJson.Default.AuditVerified,
            screen => screen.Say($"All {verdict.Lines} lines of environment {at.Environment} hold{(verdict.Unchained > 0 ? $"; {verdict.Unchained} are older than the chain" : "")}."));
    }
}

/// <summary>What <c>audit verify</c> answers.</summary>
internal sealed record AuditVerified(string EnvironmentId, long Lines, long Unchained);
