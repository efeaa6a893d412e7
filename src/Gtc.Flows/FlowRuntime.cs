using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>The flows of a revision's packs, ready to answer. Immutable after it is made; answers from many threads at once.</summary>
public sealed partial class FlowRuntime : IDisposable
{
    private readonly ImmutableArray<PackFile> _packs;
    private readonly ImmutableArray<LoadedFlow> _flows;
    private readonly FrozenSet<string> _packsThatWait;
    private readonly FlowOptions _options;
    private readonly FlowSessions _sessions;
    private readonly IConversations _conversations;
    private readonly ILogger _logger;

    private FlowRuntime(ImmutableArray<PackFile> packs, FlowOptions options, ILogger logger)
    {
        _packs = packs;
        var components = packs.Select(pack => new PackComponents(pack, options, logger)).ToArray();
        _flows = [.. components.SelectMany(each => each.Pack.Manifest.Flows.Select(flow => new LoadedFlow(each.Pack.Manifest, flow, each)))];

        // Sessions of a pack that never waits are not looked up: what keeps them may be away.
        _packsThatWait = _flows.Where(flow => flow.MayWait).Select(flow => flow.Pack.PackId).ToFrozenSet(StringComparer.Ordinal);
        Providers = [.. components.SelectMany(each => each.Pack.Manifest.Providers.Select(declared => new ProviderComponent(declared, each, options.Limits)))];
        _options = options;
        _sessions = new FlowSessions(options.Sessions ?? new ParkedInMemory(options.Time, ParkingLimits.Standard));
        _conversations = options.Conversations ?? new ConversationsInMemory(options.Time, ConversationLimits.Standard);
        _logger = logger;
    }

    /// <summary>Packs in the order they were given.</summary>
    public IReadOnlyList<PackFile> Packs => _packs;

    /// <summary>The providers that the packs declare, in the order of the packs.</summary>
    public ImmutableArray<ProviderComponent> Providers { get; }

    /// <summary>Opens pack files and loads them.</summary>
    /// <param name="packPaths">The pinned packs, in the order of their lock.</param>
    /// <param name="logger">Where <c>emit.log</c> and the output of components go.</param>
    /// <param name="options">Says how flows run, once it is known which packs there are; <see cref="FlowOptions.Standard"/> when null.</param>
    /// <returns>The runtime, or the refusal of the first pack that is not sound; then nothing stays open.</returns>
    public static Outcome<FlowRuntime> Open(IEnumerable<string> packPaths, ILogger logger, Func<IReadOnlyList<PackFile>, FlowOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(packPaths);
        var packs = new List<PackFile>();
        foreach (var path in packPaths)
        {
            if (!PackFile.Open(path).TryGet(out var pack, out var refusal))
            {
                packs.ForEach(opened => opened.Dispose());
                return refusal;
            }

            packs.Add(pack);
        }

        return Load(packs, logger, options?.Invoke(packs));
    }

    /// <summary>Loads packs that are open. From then on they belong to the runtime, also when they are refused.</summary>
    /// <returns>The runtime; <see cref="Refusal.Conflict"/> when two packs call themselves the same.</returns>
    public static Outcome<FlowRuntime> Load(IReadOnlyList<PackFile> packs, ILogger logger, FlowOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(packs);
        foreach (var same in packs.GroupBy(pack => pack.Manifest.PackId, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            var refusal = new Refusal.Conflict($"two packs call themselves {same.Key}")
            {
                Details = [.. same.Select(pack => new RefusalDetail("found", pack.Label))],
            };
            foreach (var pack in packs)
            {
                pack.Dispose();
            }

            return refusal;
        }

        return new FlowRuntime([.. packs], options ?? FlowOptions.Standard, logger);
    }

    /// <summary>Answers an activity.</summary>
    /// <returns>
    /// The reply; a flow that fails replies too, with <c>metadata.error_kind</c> = <c>flow_execution_failed</c>. A refusal means that
    /// no flow could be chosen.
    /// </returns>
    public Outcome<FlowReply> Handle(InboundActivity activity, FlowContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(activity);
        ArgumentNullException.ThrowIfNull(context);
        if (!FlowSelection.Choose(_flows, activity).TryGet(out var flow, out var refusal))
        {
            return refusal;
        }

        var budget = new RunBudget(_options.Limits, _options.Time);
        var scope = new FlowScope(activity.Payload, Describe(context));
        try
        {
            var turn = Turn(flow, activity, context, scope, cancellationToken);
            flow = turn.Flow;
            return Reply(Run(turn, activity, context, scope, budget, cancellationToken), failed: false);
        }
        catch (FlowFault fault)
        {
            return Reply([Failure(flow.Flow.Id, fault.Message)], failed: true);
        }

        FlowReply Reply(ImmutableArray<JsonElement> payloads, bool failed) =>
            new(activity, context.Tenant, flow.Pack.PackId, flow.Flow.Id, failed, budget.ComponentCalls, payloads);
    }

    /// <summary>Whose turn it is: what waits for the session, else the greeting of a conversation that begins, else the flow that was chosen.</summary>
    private RunTurn Turn(LoadedFlow chosen, InboundActivity activity, FlowContext context, FlowScope scope, CancellationToken cancellationToken)
    {
        var key = FlowSessions.KeyOf(activity, context, chosen, chosen.Pack.PackId);
        if (key is null || activity.EntryNode is not null)
        {
            return new(chosen, key, null);
        }

        var waiting = Waiting(chosen, key);
        if (activity.Welcome is not { } hint)
        {
            return new(chosen, key, waiting);
        }

        // A conversation that is under way was not greeted at its beginning when it began before there was a greeting.
        var begins = _conversations.BeganWith(FlowSessions.KeyOf(activity, context, chosen, packId: null)!, activity.MessageId, cancellationToken) is { IsOk: true, Value: true };
        if (waiting is not null || Greeting(hint, context) is not { } greeting)
        {
            return new(chosen, key, waiting);
        }

        var greetingKey = FlowSessions.KeyOf(activity, context, chosen, greeting.Pack.PackId)!;
        waiting = greetingKey == key ? null : Waiting(greeting, greetingKey);
        return begins || waiting is not null ? new(greeting, greetingKey, waiting) : new(chosen, key, null);

        ParkedPlace? Waiting(LoadedFlow flow, string at) => _packsThatWait.Contains(flow.Pack.PackId) ? _sessions.Resume(at, _flows, flow, scope, cancellationToken) : null;
    }

    private LoadedFlow? Greeting(WelcomeHint hint, FlowContext context)
    {
        var found = _flows.FirstOrDefault(flow =>
            flow.Flow.Id == hint.FlowId && (flow.Pack.PackId == hint.PackId || flow.Components.PackName == hint.PackId));
        if (found is null)
        {
            Log.NoGreeting(_logger, context.RevisionId, hint.FlowId, hint.PackId);
        }

        return found;
    }

    private ImmutableArray<JsonElement> Run(RunTurn turn, InboundActivity activity, FlowContext context, FlowScope scope, RunBudget budget, CancellationToken cancellationToken)
    {
        var (flow, key, waiting) = turn;
        var setting = new RunSetting(_flows, Providers, context, _options, budget, new ComponentCalls(_options, budget, context, activity), _logger);
        try
        {
            var result = new FlowRun(setting, waiting?.Flow ?? flow, scope, depth: 0).ToEnd(waiting?.NodeId ?? activity.EntryNode, cancellationToken);
            if (key is not null && result.Parked is { } place && _sessions.Park(key, place) is { } refusal)
            {
                throw new FlowFault($"the session cannot wait: {refusal.Message}");
            }

            return result.Payloads;
        }
        catch (OperationCanceledException) when (key is not null && waiting is not null)
        {
            // The message was not answered; its sender may send it again.
            _sessions.Park(key, waiting);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var pack in _packs)
        {
            pack.Dispose();
        }
    }

    private static JsonElement Describe(FlowContext context) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("env_id", context.EnvironmentId);
        json.WriteString("tenant", context.Tenant);
        json.WriteString("deployment_id", context.DeploymentId);
        json.WriteString("bundle_id", context.BundleId);
        json.WriteString("revision_id", context.RevisionId);
        json.WriteEndObject();
    });

    private static JsonElement Failure(string flowId, string message) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteString("error_kind", "flow_execution_failed");
        json.WriteString("error_message", message);
        json.WriteString("flow_id", flowId);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The flow that answers, the session it may wait in, and where it goes on when it waited.</summary>
    private sealed record RunTurn(LoadedFlow Flow, string? Key, ParkedPlace? Waiting);

    private static partial class Log
    {
        [LoggerMessage(5025, LogLevel.Warning, "A conversation is not greeted: revision {Revision} has no flow {Flow} in a pack {Pack}, which its endpoint names")]
        public static partial void NoGreeting(ILogger logger, string revision, string flow, string pack);
    }
}
