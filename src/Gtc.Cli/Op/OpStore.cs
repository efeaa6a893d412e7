using System.Text.Json.Nodes;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>Opens the store of a call and looks environments up in it.</summary>
internal static class OpStore
{
    /// <summary>The store that the call's flags and variables name; nothing is made on disk by opening it.</summary>
    public static Outcome<FileEnvironmentStore> Open(VerbCall call) =>
        call.StoreRoot().Then(layout => (Outcome<FileEnvironmentStore>)new FileEnvironmentStore(layout, call.Context.Time, call.Context.Random));

    /// <summary>The store and the environment that a payload means.</summary>
    public static Outcome<(FileEnvironmentStore Store, EnvId Environment)> Open(VerbCall call, string? environment) =>
        call.Environment(environment).Then(id => Open(call).Then(store => (Outcome<(FileEnvironmentStore, EnvId)>)(store, id)));

    /// <summary>What is about to be done, for the audit log.</summary>
    public static MutationIntent Intent(EnvId environment, string noun, string verb, params ReadOnlySpan<(string Key, string? Value)> target)
    {
        var members = new JsonObject();
        foreach (var (key, value) in target)
        {
            if (value is not null)
            {
                members[key] = value;
            }
        }

        return new(environment, noun, verb, members);
    }

    /// <summary>The environment inside a change, or why there is none.</summary>
    public static Outcome<EnvironmentDocument> Required(this MutationContext change, EnvId environment) => change.Current is { } document
        ? document
        : new Refusal.Missing($"environment `{environment}` does not exist") { Next = $"gtc op env create {environment}" };
}
