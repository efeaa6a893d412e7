using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env</c>.</summary>
internal static class EnvironmentNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Environments";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("env", Purpose, context,
    [
        new("init", EnvironmentInit.Purpose, inner => EnvironmentInit.Verb.Create(inner, flags)),
        new("create", () => CreateVerb.Purpose, inner => CreateVerb.Create(inner, flags)),
        new("update", EnvironmentUpdate.Update.Purpose, inner => EnvironmentUpdate.Update.Create(inner, flags)),
        new("set-public-url", EnvironmentUpdate.SetPublicUrl.Purpose, inner => EnvironmentUpdate.SetPublicUrl.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
        new("show", () => EnvironmentShow.Verb.Purpose, inner => EnvironmentShow.Verb.Create(inner, flags)),
        new("apply", Apply.ApplyCommand.ApplyPurpose, inner => Apply.ApplyCommand.CreateApply(inner, flags)),
        new("history", () => EnvironmentHistory.Verb.Purpose, inner => EnvironmentHistory.Verb.Create(inner, flags)),
        new("diff", () => EnvironmentDiffVerb.Verb.Purpose, inner => EnvironmentDiffVerb.Verb.Create(inner, flags)),
        new("restore", () => EnvironmentRestore.Verb.Purpose, inner => EnvironmentRestore.Verb.Create(inner, flags)),
        new("snapshot", SnapshotNoun.Purpose, inner => SnapshotNoun.Create(inner, flags)),
        new("backup", BackupNoun.Purpose, inner => BackupNoun.Create(inner, flags)),
        new("repair", () => EnvironmentRepair.Verb.Purpose, inner => EnvironmentRepair.Verb.Create(inner, flags)),
        new("compact", () => EnvironmentCompact.Verb.Purpose, inner => EnvironmentCompact.Verb.Create(inner, flags)),
        new("migrate-dev", () => EnvironmentMigrations.Dev.Purpose, inner => EnvironmentMigrations.Dev.Create(inner, flags)),
        new("migrate-state", () => EnvironmentMigrations.State.Purpose, inner => EnvironmentMigrations.State.Create(inner, flags)),
        new("render", () => EnvironmentRender.Verb.Purpose, inner => EnvironmentRender.Verb.Create(inner, flags)),
        new("reconcile", () => EnvironmentReconcile.Verb.Purpose, inner => EnvironmentReconcile.Verb.Create(inner, flags)),
        new("apply-revision", () => EnvironmentApplyRevision.Verb.Purpose, inner => EnvironmentApplyRevision.Verb.Create(inner, flags)),
        new("apply-traffic", () => EnvironmentApplyTraffic.Verb.Purpose, inner => EnvironmentApplyTraffic.Verb.Create(inner, flags)),
        new("doctor", () => EnvironmentDoctor.Verb.Purpose, inner => EnvironmentDoctor.Verb.Create(inner, flags)),
        new("tool-check", () => ToolCheckVerb.Verb.Purpose, inner => ToolCheckVerb.Verb.Create(inner, flags)),
        new("destroy", () => EnvironmentDestroy.Verb.Purpose, inner => EnvironmentDestroy.Verb.Create(inner, flags)),
    ]);

    private static Verb<CreatePayload> CreateVerb => new()
    {
        Noun = "env",
        Name = "create",
        Purpose = "Create an environment without any env-packs",
        Examples = ["op env create", "op env create staging --name Staging --listen-addr 127.0.0.1:8081", "op env create prod public_base_url=https://chat.example.com"],
        Payload = OpJson.Default.CreatePayload,
        Fields =
        [
            PayloadField.Environment,
            new("name", "a name for people; the id when not given", "--name", "NAME"),
            new("region", "a region label", "--region", "REGION"),
            new("tenant_org_id", "the owning tenant", "--tenant-org", "TENANT"),
            new("listen_addr", $"where a worker listens; {HostConfig.DefaultListenAddr} when not given", "--listen-addr", "IP:PORT"),
            new("public_base_url", "the origin that the world reaches it by", "--public-url", "URL"),
        ],
        RunAsync = CreateAsync,
    };

    private static Verb<NoPayload> ListVerb => new()
    {
        Noun = "env",
        Name = "list",
        Purpose = "List the environments of the store",
        Examples = ["op env list", "op env list --format json"],
        Payload = OpJson.Default.NoPayload,
        Fields = [],
        RunAsync = ListAsync,
    };

    private static async Task<Outcome<Answer>> CreateAsync(CreatePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "create", ("environment_id", at.Environment.ToString()));
        if (!HostValues.ListenAddr(payload.ListenAddr).TryGet(out var listen, out refusal)
            || !HostValues.PublicUrl(payload.PublicBaseUrl).TryGet(out var url, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var host = new HostConfig { EnvId = at.Environment, Region = payload.Region, TenantOrgId = payload.TenantOrgId, ListenAddr = listen, PublicBaseUrl = url };
        var name = payload.Name ?? at.Environment.ToString();
        Outcome<EnvironmentDocument> Created(EnvironmentDocument? found) => found is null
            ? EnvironmentVerbs.Create(at.Environment, name, host)
            : new Refusal.Conflict($"environment `{at.Environment}` exists already") { Next = $"gtc op env show {at.Environment}" };
        var created = await at.ChangeAsync(
            new OpChange<EnvironmentDocument>(intent)
            {
                OnFiles = change => Created(change.Current).Then<Mutation<EnvironmentDocument>>(document => new Mutation<EnvironmentDocument>(document) { Document = document }),
                Ask = found => Created(found).Then<WireRequest>(_ => WireRequest.InCollection(ContractJson.Default.CreateBody, new CreateBody(at.Environment, name, host))),
                FromWire = answer => answer.Document,
            },
            cancellationToken);
        return created.Then(document => (Outcome<Answer>)Answer.Of(EnvironmentSummary.Of(document), OpJson.Default.EnvironmentSummary, screen =>
        {
            screen.Say($"Environment {document.EnvironmentId} created.");
            screen.Facts((at is LocalPlace ? "folder" : "server", at.Shown), ("next", "gtc op trust-root bootstrap"));
        }));
    }

    private static async Task<Outcome<Answer>> ListAsync(NoPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await OpStore.ListAsync(call, cancellationToken)).TryGet(out var ids, out var refusal))
        {
            return refusal;
        }

        var summaries = new List<EnvironmentSummary>();
        foreach (var id in ids)
        {
            var read = OpStore.Open(call, id.ToString()).TryGet(out var at, out var unopened) ? await at.LoadAsync(cancellationToken) : unopened;
            if (read.TryGet(out var document, out var unreadable))
            {
                summaries.Add(EnvironmentSummary.Of(document));
            }
            else
            {
                call.Warn($"environment {id} is left out: {unreadable.Message}");
            }
        }

        return Answer.Of(new EnvironmentList(summaries), OpJson.Default.EnvironmentList, screen => screen.Table(
            new(
                [new("environment"), new("name", 2), new("deployments"), new("revisions"), new("public url", 1), new("region", 3)],
                [.. summaries.Select(Row)]),
            "There is no environment yet."));
    }

    private static ImmutableArray<string> Row(EnvironmentSummary summary) =>
        [summary.EnvironmentId, summary.Name, $"{summary.BundleCount}", $"{summary.RevisionCount}", summary.PublicBaseUrl ?? "", summary.Region ?? ""];
}
