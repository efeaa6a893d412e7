using System.CommandLine;
using Gtc.Artifacts.Digests;
using Gtc.Cli.Op.Apply;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Deploy;

/// <summary><c>gtc op deploy</c>: one bundle to all callers, in one change (op-cli.md §9).</summary>
internal static class DeployVerb
{
    /// <summary>One line.</summary>
    public const string Purpose = "Deploy a bundle: stage it, warm it, and give it all traffic";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => Verb.Create(context, flags);

    /// <summary>The verb.</summary>
    public static Verb<DeployPayload> Verb => new()
    {
        Noun = "deploy",
        Name = "deploy",
        Label = "run",
        Purpose = Purpose,
        Remark = "The deployment is added when there is none of this bundle and customer. All of it is one change of the environment; it touches no cluster.\n"
            + "The same key with the same bundle is answered as the first time. Revisions that were routed before stay ready, unless --retire-superseded is given.",
        Examples =
        [
            "op deploy --bundle checkout.gtbundle",
            "op deploy --bundle checkout.gtbundle --env prod --customer-id acme --host shop.example.com --path-prefix /checkout --tenant acme",
            "op deploy --bundle checkout.gtbundle --config-override checkout:greeting=Hello --retire-superseded",
        ],
        Payload = ApplyJson.Default.DeployPayload,
        Fields =
        [
            PayloadField.Environment with { Position = null },
            new("bundle_path", "the bundle file", "--bundle", "PATH"),
            new("bundle_id", "the bundle; the file's name without its ending when not given", "--bundle-id", "ID"),
            new("customer_id", $"who is billed; `{DeploymentVerbs.LocalCustomer}` in `local`, required elsewhere", "--customer-id", "ID"),
            new("bundle_source_uri", "where workers pull the bundle from", "--source", "URI"),
            new("remote_pins", "what is pinned of a bundle that is only declared"),
            new("remote_pins.bundle_digest", "the bundle's digest; needed when there is no file", "--digest", "SHA256"),
            new("remote_pins.drain_seconds", "seconds that running requests get when it drains; 30 when not given", "--drain-seconds", "N"),
            new("config_overrides", "settings that are no secrets: pack id, key, value; they replace the present ones"),
            new("config_override", "a setting as text", "--config-override", "PACK:KEY=VALUE"),
            new("config_override_json", "a setting as JSON", "--config-override-json", "PACK:KEY=JSON"),
            new("config_overrides_from", "a JSON or YAML file with settings", "--config-overrides-from", "FILE"),
            new("route_binding", "which requests reach a new deployment; all of them when not given"),
            new("route_binding.hosts", "a host name whose requests reach it", "--host", "NAME"),
            new("route_binding.path_prefixes", "a path prefix whose requests reach it", "--path-prefix", "/PATH"),
            new("route_binding.tenant_selector", "whose calls these are"),
            new("route_binding.tenant_selector.tenant", "the tenant; `default` when not given", "--tenant", "TENANT"),
            new("route_binding.tenant_selector.team", "the team, which needs a tenant; `default` when not given", "--team", "TEAM"),
            new("revenue_share", "who earns what of a new deployment, in basis points that sum to 10000; all to `greentic` when not given"),
            new("retire_superseded", "drain what was routed before, wait for the drain window, and archive it", "--retire-superseded"),
            new("idempotency_key", "a retry with the same key and bundle is answered as the first time; minted when not given", "--idempotency-key", "KEY"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DeployPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        var request = await DeployRequest.ReadAsync(payload, at, call, cancellationToken);
        if (!request.TryGet(out var wanted, out refusal))
        {
            var intent = OpStore.Intent(at.Environment, "deploy", "run", ("bundle_id", payload.BundleId), ("customer_id", payload.CustomerId));
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        if (!(await DeployAsync(wanted, at, keys, call, cancellationToken)).TryGet(out var result, out refusal))
        {
            return refusal;
        }

        if (payload.RetireSuperseded)
        {
            if (!(await Retirement.RunAsync(at, result.SupersededRevisions, call, cancellationToken)).TryGet(out var retired, out refusal))
            {
                return refusal;
            }

            result = result with { RetiredRevisions = retired };
        }

        result = result with { Warnings = call.Warnings };
        return Answer.Of(result, ApplyJson.Default.DeployResult, screen => Show(result, screen));
    }

    private static Task<Outcome<DeployResult>> DeployAsync(DeployRequest request, OpPlace at, OperatorKeyFile keys, VerbCall call, CancellationToken cancellationToken) =>
        new DeployPreparation(at, keys, call).RunAsync(
            request.Document,
            request.Work,
            path => path,
            prepared => at.ChangeAsync(
                new OpChange<DeployResult>(request.Intent)
                {
                    Kept = ApplyJson.Default.DeployResult,
                    OnFiles = change => prepared.Then(ready => change.Required(at.Environment).Then(before => ready.Apply(change, before).Then(after => Mutation(request, before, after)))),
                    Ask = found => prepared.Then(ready => OpStore.Required(found, at.Environment).Then<WireRequest>(_ => ready.Asked())),
                    FromWire = Answered,
                },
                cancellationToken),
            cancellationToken);

    private static Outcome<DeployResult> Answered(WireAnswer answer) => Result(
        answer.Document,
        answer.Id<DeploymentId>("deployment_id"),
        answer.Id<RevisionId>("revision_id"),
        answer.Result.GetProperty("reused_deployment").GetBoolean(),
        [.. answer.Result.GetProperty("superseded_revisions").EnumerateArray().Select(id => id.GetString()!)]);

    private static DeployResult Result(EnvironmentDocument after, DeploymentId id, RevisionId revision, bool isReused, IReadOnlyList<string> superseded) => new()
    {
        EnvironmentId = after.EnvironmentId.ToString(),
        BundleId = after.TrafficSplits.First(each => each.DeploymentId == id).BundleId,
        DeploymentId = id.ToString(),
        RevisionId = revision.ToString(),
        ReusedDeployment = isReused,
        SupersededRevisions = superseded,
        Traffic = $"100% ({TrafficSplit.Whole} bps)",
        Status = "routed",
    };

    private static Outcome<Mutation<DeployResult>> Mutation(DeployRequest request, EnvironmentDocument before, EnvironmentDocument after)
    {
        var id = request.Work.DeploymentId;
        var revision = request.Work.Stages[0].RevisionId;
        var old = before.TrafficSplits.FirstOrDefault(split => split.DeploymentId == id);
        var split = after.TrafficSplits.First(each => each.DeploymentId == id);
        return new Mutation<DeployResult>(Result(after, id, revision, request.Work.Add is null, [.. (old?.Entries ?? []).Select(entry => entry.RevisionId.ToString())]))
        {
            Document = after,
            PreviousGeneration = old?.Generation,
            NewGeneration = split.Generation,
            Target = OpStore.Target(("deployment_id", id.ToString()), ("revision_id", revision.ToString()), ("bundle_id", split.BundleId), ("bundle_digest", request.Work.Stages[0].BundleDigest)),
            RefreshesRuntimeConfig = true,
        };
    }

    private static void Show(DeployResult result, Screen screen)
    {
        screen.Say($"Revision {result.RevisionId} of {result.BundleId} takes all traffic.");
        screen.Facts(
            ("deployment", $"{result.DeploymentId}{(result.ReusedDeployment ? "" : ", new")}"),
            ("superseded", result.SupersededRevisions.Count == 0 ? null : string.Join(", ", result.SupersededRevisions)),
            ("retired", result.RetiredRevisions is { Count: > 0 } retired ? string.Join(", ", retired) : null));
    }
}
