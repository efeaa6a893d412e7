using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary><c>gtc op trust-root</c>.</summary>
internal static class TrustRootNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Keys that an environment trusts";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("trust-root", Purpose, context,
    [
        new("bootstrap", () => BootstrapVerb.Purpose, inner => BootstrapVerb.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("add", TrustRootAdd.Purpose, inner => TrustRootAdd.Verb.Create(inner, flags)),
        new("add-did", TrustRootAddDid.Purpose, inner => TrustRootAddDid.Verb.Create(inner, flags)),
        new("remove", TrustRootRemove.Purpose, inner => TrustRootRemove.Verb.Create(inner, flags)),
        new("revoke", () => TrustRootRevoke.Revoke.Purpose, inner => TrustRootRevoke.Revoke.Create(inner, flags)),
        new("unrevoke", () => TrustRootRevoke.Unrevoke.Purpose, inner => TrustRootRevoke.Unrevoke.Create(inner, flags)),
        new("revoked", () => TrustRootRevoke.Revoked.Purpose, inner => TrustRootRevoke.Revoked.Create(inner, flags)),
    ]);

    private static Verb<EnvironmentPayload> BootstrapVerb => new()
    {
        Noun = "trust-root",
        Name = "bootstrap",
        Purpose = "Trust the operator's key, which is made when there is none",
        Remark = "The key is GTC_OPERATOR_KEY_PATH, else ~/.greentic/operator/key.pem. Doing it again changes nothing.",
        Examples = ["op trust-root bootstrap", "op trust-root bootstrap local"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = BootstrapAsync,
    };

    private static Verb<EnvironmentPayload> ListVerb => new()
    {
        Noun = "trust-root",
        Name = "list",
        Purpose = "List the trusted keys",
        Examples = ["op trust-root list", "op trust-root list local --format json"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    /// <summary>Trusts the operator's key, or over a store server the server's own; also a step of an apply.</summary>
    public static OpChange<TrustSeed> Bootstrap(OpPlace at, OperatorKeyFile keys, string? key) =>
        new(OpStore.Intent(at.Environment, "trust-root", "bootstrap", ("environment_id", at.Environment.ToString())) with { IdempotencyKey = key })
        {
            OnFiles = change => LocalTrustRoots.Bootstrap(change, at.Environment, keys),
            Ask = found => OpStore.Required(found, at.Environment).Then<WireRequest>(_ => WireRequest.Bare(HttpMethod.Post, "trust-root", "bootstrap") with { IsChained = false }),
            FromWire = answer => new TrustSeed(
                answer.Result.GetProperty("key_id").GetString()!, answer.Result.GetProperty("public_key_pem").GetString()!, answer.Result.GetProperty("trusted_key_count").GetInt32()),
        };

    private static async Task<Outcome<Answer>> BootstrapAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        if (!(await at.ChangeAsync(Bootstrap(at, keys, null), cancellationToken)).TryGet(out var seed, out refusal))
        {
            return refusal;
        }

        return Answer.Of(TrustRootBootstrapped.Of(at.Environment, seed), OpJson.Default.TrustRootBootstrapped, screen =>
        {
            screen.Say($"Environment {at.Environment} trusts the operator's key.");
            screen.Facts(("key", seed.OperatorKeyId), ("trusted", seed.TrustedKeyCount == 1 ? "this key alone" : $"{seed.TrustedKeyCount} keys"), ("next", "gtc op bundles add"));
        });
    }

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !OpKeys.Roots(call, at).TryGet(out var roots, out refusal)
            || !(await roots.ListAsync(at.Environment, cancellationToken)).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        var list = new TrustRootList(at.Environment.ToString(), [.. keys.Select(TrustRootKey.Of)]);
        return Answer.Of(list, OpJson.Default.TrustRootList, screen => screen.Table(
            new([new("key"), new("source", 1), new("until", 2), new("for", 3), new("public key", 4)], [.. list.Keys.Select(key => Row(key))]),
            $"Environment {at.Environment} trusts no key."));
    }

    private static ImmutableArray<string> Row(TrustRootKey key) =>
        [key.KeyId, key.Source ?? "", key.NotAfter ?? "", key.Purposes is null ? "everything" : string.Join(", ", key.Purposes), string.Concat(key.PublicKeyPem.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal)))];
}
