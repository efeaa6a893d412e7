using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>
/// A change that takes an idempotency key. A retry with the caller's own key and the same request is answered as the first time, byte for
/// byte, whatever happened since; the key with another request is a conflict. Minted keys are only recorded: nobody can repeat them.
/// </summary>
internal static class RepeatableChange
{
    private static readonly string[] NotAsked = ["environment_id", "idempotency_key", "reconcile"];

    /// <summary>Runs a change, or answers it again.</summary>
    /// <param name="at">Where.</param>
    /// <param name="intent">What, with the target as it was typed: a default that another change moves must not make a retry another request.</param>
    /// <param name="given">The caller's key, or null.</param>
    /// <param name="request">What is asked; see <see cref="Request"/>.</param>
    /// <param name="call">The call.</param>
    /// <param name="answer">How the answer is kept.</param>
    /// <param name="change">The change on files; it is given the key in force.</param>
    /// <param name="wire">The same over a store server.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <typeparam name="T">The result as it is printed.</typeparam>
    public static async Task<Outcome<T>> RunAsync<T>(
        OpPlace at,
        MutationIntent intent,
        string? given,
        JsonElement request,
        VerbCall call,
        JsonTypeInfo<T> answer,
        Func<MutationContext, string, Outcome<Mutation<T>>> change,
        OverWire<T> wire,
        CancellationToken cancellationToken)
    {
        if (!call.IdempotencyKey(given).TryGet(out var key, out var refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var keyed = intent with { IdempotencyKey = key, Request = request };
        return await at.ChangeAsync(
            new OpChange<T>(keyed)
            {
                Kept = answer,
                IsKeyMinted = given is null,
                OnFiles = context => change(context, key),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => wire.Ask(document, key)),
                FromWire = wire.Answer,
            },
            cancellationToken);
    }

    /// <summary>The same for a verb that works on the environment's files themselves.</summary>
    public static async Task<Outcome<T>> RunAsync<T>(
        LocalPlace at,
        MutationIntent intent,
        string? given,
        JsonElement request,
        VerbCall call,
        JsonTypeInfo<T> answer,
        Func<MutationContext, string, Outcome<Mutation<T>>> change,
        CancellationToken cancellationToken)
    {
        if (!call.IdempotencyKey(given).TryGet(out var key, out var refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var keyed = intent with { IdempotencyKey = key };
        return given is null
            ? await at.Store.MutateAsync(keyed, context => change(context, key), cancellationToken)
            : await at.Store.MutateAsync(keyed with { Request = request }, answer, context => change(context, key), cancellationToken);
    }

    /// <summary>Runs a change that needs nothing but the environment as it is, or answers it again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="environment">The environment as it was typed, or null.</param>
    /// <param name="verb">The noun and the verb.</param>
    /// <param name="target">What is acted on, as it was typed.</param>
    /// <param name="given">The caller's key, or null.</param>
    /// <param name="request">What is asked; see <see cref="Request"/>.</param>
    /// <param name="answer">How the answer is kept.</param>
    /// <param name="change">The change on files; it is given the environment and the key in force.</param>
    /// <param name="wire">The same over a store server.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <typeparam name="T">The result as it is printed.</typeparam>
    public static async Task<Outcome<T>> RunAsync<T>(
        VerbCall call,
        string? environment,
        (string Noun, string Name) verb,
        (string Key, string? Value)[] target,
        string? given,
        JsonElement request,
        JsonTypeInfo<T> answer,
        Func<EnvironmentDocument, MutationContext, string, Outcome<Mutation<T>>> change,
        OverWire<T> wire,
        CancellationToken cancellationToken) => OpStore.Open(call, environment).TryGet(out var at, out var refusal)
            ? await RunAsync(
                at,
                OpStore.Intent(at.Environment, verb.Noun, verb.Name, target),
                given,
                request,
                call,
                answer,
                (context, key) => context.Required(at.Environment).Then(document => change(document, context, key)),
                wire,
                cancellationToken)
            : refusal;

    /// <summary>What a payload asks: all of it but the environment, which the ledger belongs to, the key itself, and what follows the change.</summary>
    public static JsonElement Request<T>(T payload, JsonTypeInfo<T> type)
    {
        var asked = JsonSerializer.SerializeToNode(payload, type)!.AsObject();
        foreach (var member in NotAsked)
        {
            asked.Remove(member);
        }

        using var parsed = JsonDocument.Parse(asked.ToJsonString());
        return parsed.RootElement.Clone();
    }
}
