// The dial in a program of one's own: a table, a dispatcher, pins. Run it: dotnet run --project samples/dial
using System.Text;
using Gtc.Model;
using Gtc.Routing;

static RevisionId Revision(string id) => RevisionId.TryParse(id, out var revision) ? revision : throw new ArgumentException(id);

var deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1A", out var id) ? id : default;
var stable = new TrafficShare { RevisionId = Revision("01J9ZQ3F5E8M7X2K4T6V8Y0A1B"), WeightBps = 9_000 };
var next = new TrafficShare { RevisionId = Revision("01J9ZQ3F5E8M7X2K4T6V8Y0A1C"), WeightBps = 1_000 };

// What is known about a revision lives as long as the revision, across tables.
var states = new Dictionary<RevisionId, RevisionState>();
RevisionState StateOf(RevisionId revision) => states.TryGetValue(revision, out var state) ? state : states[revision] = new RevisionState(revision);

RoutingTable Table(params TrafficShare[] shares) => new(
[
    new DeploymentRoute(deployment, "shop", new RouteBinding { TenantSelector = TenantSelector.Default, PathPrefixes = ["/shop"] }, [.. shares], StateOf),
]);

// One reference is swapped; a request takes it once and keeps it.
var table = Table(stable, next);
var pins = new MemoryPins(TimeProvider.System);
var dispatcher = new SessionDispatcher(new Dispatcher(cookies: null), pins, EnvId.Local);

async Task<Dispatch> ServeAsync(string session)
{
    var route = table.Find("shop.example"u8, "/shop/cart"u8) ?? throw new InvalidOperationException("404");
    var caller = new SessionCaller { Key = Encoding.UTF8.GetBytes(session), Hint = session };
    var choice = await dispatcher.ChooseAsync(route, caller, random: 0, TimeProvider.System.GetUtcNow(), CancellationToken.None)
        ?? throw new InvalidOperationException("503");
    return await dispatcher.KeepAsync(route, session, choice, CancellationToken.None);
}

for (var caller = 0; caller < 1000; caller++)
{
    await ServeAsync($"caller-{caller}");
}

// The dial is turned; who was here before stays, and newcomers follow the new shares.
table = Table(stable with { WeightBps = 2_000 }, next with { WeightBps = 8_000 });
var counts = new Dictionary<(DispatchSource, RevisionId), int>();
for (var caller = 0; caller < 2000; caller++)
{
    var served = await ServeAsync($"caller-{caller}");
    var key = (served.Source, served.Revision.Revision);
    counts[key] = counts.GetValueOrDefault(key) + 1;
}

foreach (var ((source, revision), count) in counts.OrderBy(entry => $"{entry.Key}", StringComparer.Ordinal))
{
    Console.WriteLine($"{source,-8}  {revision}  {count,4}");
}
