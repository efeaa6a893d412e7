using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Cli.Flow;

/// <summary><c>gtc flow run</c>.</summary>
internal static class FlowRunVerb
{
    /// <summary>One line.</summary>
    public const string Purpose = "Run a flow of a pack with messages and show what each node does";

    private const string Session = "cli";

    private static readonly FlowContext Context = new("local", "default", "flow-run", "flow-run", "flow-run");

    /// <summary>The verb.</summary>
    public static Verb<FlowRunPayload> Verb => new()
    {
        Noun = "flow",
        Name = "run",
        Purpose = Purpose,
        Remark = "Messages are one conversation: where the flow waits, the next one goes on. State is kept for this run alone, there are no secrets, and HTTP goes where --egress says. "
            + "It exits 1 when a flow ends in an error.",
        Examples =
        [
            "flow run greeter.gtpack --text Ada",
            "flow run counter.gtpack --text one --text two --text reset",
            "flow run weather.gtpack --text london --egress 127.0.0.1:8091",
            "flow run greeter.gtpack --flow greet --payload '{\"text\":\"Ada\",\"metadata\":{\"locale\":\"de\"}}'",
            "flow run greeter.gtpack --payload @message.json --session s1 --format json",
        ],
        Payload = FlowJson.Default.FlowRunPayload,
        Fields =
        [
            new("pack", "the pack file", Position: "PACK"),
            new("flow", "the flow; the one that answers messages when not given", "--flow", "ID"),
            new("text", "a message", "--text", "TEXT"),
            new("payload", "a message as JSON, or @FILE", "--payload", "JSON|@FILE"),
            new("session", "the session of the messages", "--session", "ID"),
            new("node", "the node to start at in place of the flow's own start", "--node", "ID"),
            new("egress", $"where components may send HTTP requests to: {EgressPolicy.Expectation}; `none` when not given", "--egress", "LIST"),
            new("with", "a pack beside it, such as a provider's", "--with", "PACK"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(FlowRunPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!EgressPolicy.TryParse(payload.Egress ?? "none", out var egress))
        {
            return new Refusal.InvalidArgument($"`{payload.Egress}` is not {EgressPolicy.Expectation}");
        }

        if (!(await EntriesAsync(payload, call, cancellationToken)).TryGet(out var entries, out var refusal))
        {
            return refusal;
        }

        var path = call.Context.PathOf(payload.Pack);
        using var http = new HttpEgress(egress, EgressLimits.Standard, TimeProvider.System);
        var trace = new FlowTrace();
        string[] packs = [path, .. (payload.With ?? []).Select(call.Context.PathOf)];
        if (!FlowRuntime.Open(packs, trace, _ => new FlowOptions { Observer = trace, Host = LocalHost(http) }).TryGet(out var runtime, out refusal))
        {
            return refusal;
        }

        using (runtime)
        {
            var ran = ImmutableArray.CreateBuilder<MessageRan>();
            foreach (var entry in entries)
            {
                var activity = Activity(payload, entry, isFirst: ran.Count == 0, runtime.Packs[0].Manifest.PackId);
                var started = TimeProvider.System.GetTimestamp();
                if (!runtime.Handle(activity, Context, cancellationToken).TryGet(out var reply, out refusal))
                {
                    return refusal;
                }

                ran.Add(trace.Take(entry, reply, TimeProvider.System.GetElapsedTime(started)));
            }

            var all = new FlowsRan(path, payload.Session ?? Session, ran.Any(message => message.Failed), ran.ToImmutable());
            return Answer.Of(all, FlowJson.Default.FlowsRan, screen => FlowTraceScreen.Show(all, screen)) with { HasFindings = all.Failed };
        }
    }

    private static ComponentHost LocalHost(HttpEgress http) => new()
    {
        State = new StateInMemory(StateLimits.Standard),
        Secrets = NoSecrets.Instance,
        Http = http,
        Packs = ImmutableDictionary<string, PackSetting>.Empty,
        Discovered = _ => null,
    };

    private static InboundActivity Activity(FlowRunPayload payload, JsonElement entry, bool isFirst, string packId) => new()
    {
        Payload = entry,
        PackId = packId,
        FlowId = payload.Flow,
        FlowType = payload.Flow is null ? "messaging" : null,
        EntryNode = isFirst ? payload.Node : null,
        SessionId = payload.Session ?? Session,
        UserId = payload.Session ?? Session,
    };

    private static async Task<Outcome<ImmutableArray<JsonElement>>> EntriesAsync(FlowRunPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var entries = ImmutableArray.CreateBuilder<JsonElement>();
        entries.AddRange((payload.Text ?? []).Select(text => JsonElement.Parse($$"""{"text":{{JsonSerializer.Serialize(text, FlowJson.Default.String)}}}""")));
        if (payload.Payload is { } given)
        {
            var bytes = given.StartsWith('@') ? await File.ReadAllBytesAsync(call.Context.PathOf(given[1..]), cancellationToken) : Encoding.UTF8.GetBytes(given);
            if (!BoundedJson.Parse(bytes, "--payload", InboundActivity.MaxBodyBytes).TryGet(out var json, out var refusal))
            {
                return new Refusal.InvalidArgument($"{refusal.Message}: JSON was expected, or @ and a file with it");
            }

            entries.Add(json);
        }

        return entries.Count > 0 ? entries.ToImmutable() : new Refusal.InvalidArgument("a message was expected: --text TEXT or --payload JSON");
    }

    /// <summary>No environment, no secrets.</summary>
    private sealed class NoSecrets : IComponentSecrets
    {
        public static NoSecrets Instance { get; } = new();

        public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret) => new HostFault("not-found", "there are no secrets outside of an environment");

        public Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken) =>
            Task.FromResult<HostFault?>(new HostFault("denied", "there are no secrets outside of an environment"));
    }
}
