using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Router;

/// <summary><c>gtc router</c>: the traffic dial in front of any HTTP servers.</summary>
internal static class RouterCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Put the traffic dial in front of any HTTP servers";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        // The verb is the command itself, and a verb's command is made after the flags that it shares.
        var flagged = new Command("router");
        var command = Verb.Create(context, VerbFlags.AddForPlain(flagged));
        foreach (var option in flagged.Options)
        {
            command.Add(option);
        }

        return command;
    }

    private static Verb<RouterPayload> Verb => new()
    {
        Noun = "router",
        Name = "router",
        Purpose = Purpose,
        Remark = "It runs until it is interrupted; requests under way are let end. A file of --config is followed: a change of backends is routed on within a second.",
        Examples =
        [
            "router --listen 127.0.0.1:8080 --backend stable=90@127.0.0.1:9001 --backend next=10@127.0.0.1:9002",
            "router --config router.json --admin 127.0.0.1:9090 --health-path /healthz",
        ],
        Payload = RouterJson.Default.RouterPayload,
        Fields =
        [
            new("listen", $"where it listens; {RouterPayload.DefaultListen} when not given", "--listen", "IP:PORT"),
            new("backend", "a server and its share; h2c:// speaks HTTP/2 to it, e.g. for gRPC", "--backend", "NAME=WEIGHT@[h2c://]IP:PORT"),
            new("config", "a JSON file with these members, followed when it changes", "--config", "FILE"),
            new("cpus", "how many threads serve; 1 when not given", "--cpus", "N"),
            new("header_timeout", "how long a request's head may take, in seconds; 10 when not given", "--header-timeout", "S"),
            new("upstream_timeout", "how long an exchange may go without a byte, in seconds; 60 when not given", "--upstream-timeout", "S"),
            new("trusted_proxies", "peers whose forwarding fields and X-Greentic-Revision are believed", "--trusted-proxies", "CIDR"),
            new("caller_field", "the header field that callers are known by", "--caller-field", "NAME"),
            new("no_caller_cookie", "give callers that are not known no cookie; each request is then drawn anew", "--no-caller-cookie"),
            new("admin", "where GET /status, /metrics and /healthz are answered", "--admin", "IP:PORT"),
            new("health_path", "what backends are asked for every second, to see whether they are well", "--health-path", "PATH"),
        ],
        RunAsync = RunAsync,
    };

    private static Task<Outcome<Answer>> RunAsync(RouterPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!WithConfig(payload, call.Context).Then(RouterPlan.Of).TryGet(out var plan, out var refusal)
            || !RouterRun.Start(plan, call.Context).TryGet(out var run, out refusal))
        {
            return Task.FromResult<Outcome<Answer>>(refusal);
        }

        var result = new RouterResult(run.Address, run.Admin, [.. plan.Backends.Select(backend => new RouterBackend(backend.Name, backend.EndPoint.ToString(), backend.WeightBps))]);
        var answer = Answer.Of(result, RouterJson.Default.RouterResult, screen => screen.Say($"Routing {run.Address} to {plan.Backends.Length} backend(s) · stop with Ctrl-C"));
        var config = payload.Config is null ? null : call.Context.PathOf(payload.Config);
        return Task.FromResult<Outcome<Answer>>(answer with { Afterwards = stop => run.UntilAsync(config, stop) });
    }

    /// <summary>A file and flags exclude each other: with both, nobody could say what a change of the file means.</summary>
    private static Outcome<RouterPayload> WithConfig(RouterPayload payload, CliContext context)
    {
        if (payload.Config is not { } config)
        {
            return payload;
        }

        if (payload with { Config = null } != new RouterPayload())
        {
            return new Refusal.InvalidArgument("--config and other flags exclude each other; the file has the same members, e.g. \"listen\" and \"backend\"");
        }

        return RouterPlan.ReadConfig(context.PathOf(config), context.ProgramName);
    }
}
