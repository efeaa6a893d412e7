using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Store;

// A process that changes an environment's traffic through the file store, to be set against others and to be killed.
//   mutate STORE_ROOT ENV NAME COUNT   COUNT changes with the keys NAME-1 … NAME-COUNT; one line `KEY GENERATION` after each that is acknowledged
//   follow STORE_ROOT ENV NAME COUNT   the same, acknowledged before the views are written
//   hold   STORE_ROOT ENV              takes the environment's lock, says `held`, and keeps it until it is killed
if (args is not [var mode, var root, var environment, .. var rest] || !EnvId.TryParse(environment, out var id))
{
    await Console.Error.WriteLineAsync("usage: Gtc.Store.Worker mutate|follow STORE_ROOT ENV NAME COUNT | hold STORE_ROOT ENV");
    return 2;
}

var layout = new StoreLayout(root);
using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
if (mode == "hold")
{
    using var held = EnvironmentLock.TryTake(layout.Environment(id), RandomNumberGenerator.Fill).Value;
    await output.WriteLineAsync(held is null ? "taken" : "held");
    await Task.Delay(Timeout.Infinite);
}

var (name, count) = (rest[0], int.Parse(rest[1], CultureInfo.InvariantCulture));
await using var store = new FileEnvironmentStore(layout, TimeProvider.System, RandomNumberGenerator.Fill)
{
    ViewsFollow = mode == "follow" ? TimeSpan.FromMilliseconds(50) : TimeSpan.Zero,
};
for (var number = 1; number <= count; number++)
{
    var key = $"{name}-{number}";
    var intent = new MutationIntent(id, "traffic", "set", new JsonObject { ["environment_id"] = environment }) { IdempotencyKey = key };
    var done = await store.MutateAsync(intent, context => Turn(context, key), CancellationToken.None);
    if (!done.TryGet(out var generation, out var refusal))
    {
        await Console.Error.WriteLineAsync($"{key}: {refusal.Message}");
        return 1;
    }

    await output.WriteLineAsync($"{key} {generation}");
}

return 0;

// Moves one basis point between the two revisions, so that every change differs from what it finds.
static Outcome<Mutation<ulong>> Turn(MutationContext context, string key)
{
    var split = context.Current!.TrafficSplits.Single();
    var first = (split.Entries[0].WeightBps % (TrafficSplit.Whole - 1)) + 1;
    return TrafficVerbs.Set(context.Current, new SetTraffic
    {
        DeploymentId = split.DeploymentId,
        Entries =
        [
            new TrafficShare { RevisionId = split.Entries[0].RevisionId, WeightBps = first },
            new TrafficShare { RevisionId = split.Entries[1].RevisionId, WeightBps = TrafficSplit.Whole - first },
        ],
        UpdatedBy = "worker",
        IdempotencyKey = key,
    }, context.Now).Then(change => (Outcome<Mutation<ulong>>)new Mutation<ulong>(context.NextGeneration)
    {
        Document = change.Document,
        PreviousGeneration = change.PreviousGeneration,
        NewGeneration = change.NewGeneration,
        RefreshesRuntimeConfig = true,
    });
}
