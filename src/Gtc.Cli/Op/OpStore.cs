using System.Text.Json.Nodes;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>Opens the store of a call and looks environments up in it.</summary>
internal static class OpStore
{
    /// <summary>The store and the environment that a payload means; nothing is made on disk by opening it.</summary>
    public static Outcome<OpPlace> Open(VerbCall call, string? environment) =>
        call.Environment(environment).Then(id => call.Store().Then(store => (Outcome<OpPlace>)new OpPlace(store, id)));

    /// <summary>What is about to be done, for the audit log.</summary>
    public static MutationIntent Intent(EnvId environment, string noun, string verb, params ReadOnlySpan<(string Key, string? Value)> target) =>
        new(environment, noun, verb, Target(target));

    /// <summary>What is acted on, for the audit log; keys without a value are left out.</summary>
    public static JsonObject Target(params ReadOnlySpan<(string Key, string? Value)> members)
    {
        var target = new JsonObject();
        foreach (var (key, value) in members)
        {
            if (value is not null)
            {
                target[key] = value;
            }
        }

        return target;
    }

    /// <summary>The environment inside a change, or why there is none.</summary>
    public static Outcome<EnvironmentDocument> Required(this MutationContext change, EnvId environment) => change.Current is { } document
        ? document
        : Missing(environment);

    /// <summary>That there is no such environment.</summary>
    public static Refusal Missing(EnvId environment) => new Refusal.Missing($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };
}
