using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Runtime;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary>What opens the places where a worker keeps session pins, waiting sessions and the state of components.</summary>
/// <param name="OpenPins">Opens the pins.</param>
/// <param name="OpenFlowStores">Opens the stores of flows.</param>
internal sealed record WorkerStores(Func<EnvironmentDocument, Outcome<PinStore>> OpenPins, Func<EnvironmentDocument, Outcome<FlowStores>> OpenFlowStores)
{
    // A component's call has seconds; a pin, which every request asks for, has not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Resolves the options; the rest is known once the environment is.</summary>
    public static Outcome<WorkerStores> Resolve(string? pins, string? state, EnvironmentLayout layout, CliContext context) =>
        SharedPlace.Sessions.Resolve(pins, layout, context).Then(sessions => SharedPlace.State.Resolve(state, layout, context).Then(states =>
            (Outcome<WorkerStores>)new WorkerStores(
                document => sessions(document).Then(place => Pins(place, context)),
                document => sessions(document).Then(place => Connect(place, context)).Then(parked =>
                    states(document).Then(place => Connect(place, context)).Then(kept => (Outcome<FlowStores>)new FlowStores(kept, parked))))));

    private static Outcome<PinStore> Pins(RedisPlace? place, CliContext context) => place is null
        ? PinStore.InMemory(context.Time)
        : PinStore.Connect(place.Url, place.Password, place.KeyPrefix, context.Time, RandomNumbers.Fraction(context.Random));

    private static Outcome<FlowRedis?> Connect(RedisPlace? place, CliContext context) => place is null
        ? (FlowRedis?)null
        : FlowRedis.Connect(place.Url, place.Password, place.KeyPrefix, context.Time, RandomNumbers.Fraction(context.Random), Patience).Then(redis => (Outcome<FlowRedis?>)redis);
}
