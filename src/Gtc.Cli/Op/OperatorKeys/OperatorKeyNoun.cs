using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.OperatorKeys;

/// <summary><c>gtc op operator-key</c>: the key that signs on this machine.</summary>
internal static class OperatorKeyNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "The key that signs revisions and revenue policies on this machine";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("operator-key", Purpose, context,
    [
        new("show", () => ShowVerb.Purpose, inner => ShowVerb.Create(inner, flags)),
        new("rotate", () => RotateVerb.Purpose, inner => RotateVerb.Create(inner, flags)),
    ]);

    private static Verb<NoPayload> ShowVerb => new()
    {
        Noun = "operator-key",
        Name = "show",
        Purpose = "Show the operator's public key and who trusts it",
        Remark = "The key is GTC_OPERATOR_KEY_PATH, else ~/.greentic/operator/key.pem.",
        Examples = ["op operator-key show"],
        Payload = OpJson.Default.NoPayload,
        Fields = [],
        RunAsync = ShowAsync,
    };

    private static Verb<RotatePayload> RotateVerb => new()
    {
        Noun = "operator-key",
        Name = "rotate",
        Purpose = "Replace the operator's key: trust a new one beside it, sign again, then put it in place",
        Remark = "The old key stays trusted until `trust-root remove`, so that readers have time to learn the new one. Cut short, rotate again: it goes on with the same new key.",
        Examples = ["op operator-key rotate", "op operator-key rotate --env local --env prod"],
        Payload = OpJson.Default.RotatePayload,
        Fields = [new("environment_ids", "an environment to sign anew; every one that trusts the key when not given", "--env", "ENV")],
        RunAsync = RotateAsync,
    };

    private static async Task<Outcome<Answer>> ShowAsync(NoPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.LocalStore(call).TryGet(out var store, out var refusal)
            || !OpKeys.File(call).TryGet(out var file, out refusal)
            || !file.LoadExisting().TryGet(out var key, out refusal))
        {
            return refusal;
        }

        using (key)
        {
            if (!(await new OperatorKeyRotation(store, file).TrustedByAsync(key.KeyId, cancellationToken)).TryGet(out var trusting, out refusal))
            {
                return refusal;
            }

            var shown = new OperatorKeyShown(key.KeyId, key.Key.PublicKey.Scheme.Name, key.Path, key.PublicKeyPem, [.. trusting.Select(environment => environment.ToString())]);
            return Answer.Of(shown, OpJson.Default.OperatorKeyShown, screen =>
            {
                screen.Say($"Operator key {shown.KeyId}, {shown.Algorithm}.");
                screen.Facts(("file", shown.Path), ("trusted by", shown.TrustedBy.Count == 0 ? "no environment" : string.Join(", ", shown.TrustedBy)), ("public key", shown.PublicKeyPem.ReplaceLineEndings(" ").Trim()));
            });
        }
    }

    private static async Task<Outcome<Answer>> RotateAsync(RotatePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.LocalStore(call).TryGet(out var store, out var refusal)
            || !OpKeys.File(call).TryGet(out var file, out refusal)
            || !(await EnvironmentsAsync(payload, call, store, file, cancellationToken)).TryGet(out var environments, out refusal)
            || !(await new OperatorKeyRotation(store, file).RotateAsync(environments, cancellationToken)).TryGet(out var rotated, out refusal))
        {
            return refusal;
        }

        var result = new OperatorKeyRotated(
            rotated.OldKeyId,
            rotated.NewKeyId,
            rotated.NewPublicKeyPem,
            rotated.RetiredKeyPath,
            [.. rotated.Environments.Select(one => new RotatedIn(one.Environment.ToString(), one.RevisionsSigned, one.PoliciesSigned, one.Skipped))]);
        return Answer.Of(result, OpJson.Default.OperatorKeyRotated, screen => Show(result, screen));
    }

    private static async Task<Outcome<ImmutableArray<EnvId>>> EnvironmentsAsync(
        RotatePayload payload, VerbCall call, FileEnvironmentStore store, OperatorKeyFile file, CancellationToken cancellationToken)
    {
        if (payload.EnvironmentIds.IsEmpty)
        {
            if (!file.LoadExisting().TryGet(out var key, out var refusal))
            {
                return refusal;
            }

            using (key)
            {
                return await new OperatorKeyRotation(store, file).TrustedByAsync(key.KeyId, cancellationToken);
            }
        }

        var named = ImmutableArray.CreateBuilder<EnvId>();
        foreach (var text in payload.EnvironmentIds)
        {
            if (!call.Environment(text).TryGet(out var environment, out var refusal))
            {
                return refusal;
            }

            named.Add(environment);
        }

        return named.Distinct().ToImmutableArray();
    }

    private static void Show(OperatorKeyRotated result, Screen screen)
    {
        screen.Say($"Operator key {result.NewKeyId} took the place of {result.OldKeyId}.");
        screen.Facts(("old key", $"{result.RetiredKeyPath}   destroy it once nothing needs it"), ("next", $"gtc op trust-root remove --key-id {result.OldKeyId}   when every reader knows the new key"));
        screen.Table(
            new([new("environment"), new("revisions"), new("policies"), new("left as they were", 1)],
                [.. result.Environments.Select(one => (ImmutableArray<string>)[one.EnvironmentId, $"{one.RevisionsSigned}", $"{one.PoliciesSigned}", $"{one.Skipped.Count}"])]),
            "No environment trusted it.");
        foreach (var skipped in result.Environments.SelectMany(one => one.Skipped))
        {
            screen.Say($"left as it was: {skipped}");
        }
    }
}
