using System.Text.Json.Nodes;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Writes secrets of components into the environment's secrets slot, each as a change with its line in the audit log.</summary>
/// <param name="options">Where the environment is.</param>
/// <param name="document">What it says at the moment.</param>
/// <param name="logger">Where failures go.</param>
internal sealed partial class SecretWriting(WorkerOptions options, Func<EnvironmentDocument> document, ILogger logger)
{
    private static readonly HostFault Failed = new("internal", "the store of secrets took nothing");

    /// <summary>Writes.</summary>
    public async Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken)
    {
        var access = new SecretAccess(options.Variable, options.Time, options.Keys);
        var layout = options.Store.Layout.Environment(options.Environment);
        if (new SecretSource(document(), layout, access).IsGiven(secret))
        {
            return new HostFault("denied", "this worker is given the secret from outside, where it cannot be changed");
        }

        var intent = new MutationIntent(options.Environment, "secrets", "put", new JsonObject
        {
            ["environment_id"] = options.Environment.ToString(),
            ["path"] = $"{secret.Tenant}/{secret.Team}/{secret.Category}/{secret.Name}",
            ["pack_id"] = caller.PackId,
            ["component_id"] = caller.ComponentId,
            ["revision_id"] = caller.Context.RevisionId,
        });
        var written = await options.Store.MutateAsync(
            intent,
            change => SecretStore.Open(change.Current ?? document(), layout, access)
                .Then(store => SecretValue.Of(value.Span).Then(held => Put(store, secret, held))),
            cancellationToken);
        if (written.IsOk)
        {
            return null;
        }

        Log.NotWritten(logger, secret, written.Refusal!.Message);
        return Failed;
    }

    private static Outcome<Mutation<SecretVersion>> Put(SecretStore store, SecretUri secret, SecretValue value)
    {
        using (value)
        {
            return store.Put(secret, value).Then<Mutation<SecretVersion>>(version => new Mutation<SecretVersion>(version));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5043, LogLevel.Error, "A component's secret {Secret} could not be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, SecretUri secret, string reason);
    }
}
