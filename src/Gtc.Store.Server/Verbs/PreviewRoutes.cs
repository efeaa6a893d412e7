using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on previews: doors to single revisions beside the dial.</summary>
internal static class PreviewRoutes
{
    private const string Noun = "traffic.preview";
    private const string Previews = "/environments/{env_id}/previews";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Previews, Noun, "add", "Opens or replaces the preview of a revision", ContractJson.Default.AddPreviewBody, Add),
        ChangeRoute.Bare("DELETE", Previews + "/{deployment_id}/{revision_id}", Noun, "remove", "Closes the preview of a revision", Remove),
    ];

    private static Outcome<Planned> Add(Asked asked, AddPreviewBody body)
    {
        if (body.LifetimeSeconds > (ulong)AddPreview.MaxLifetime.TotalSeconds)
        {
            return new Refusal.InvalidArgument($"lifetime_seconds must be at most {AddPreview.MaxLifetime.TotalSeconds:0}");
        }

        var command = new AddPreview
        {
            DeploymentId = body.DeploymentId,
            RevisionId = body.RevisionId,
            Host = body.Host,
            TokenHash = body.TokenHash,
            Lifetime = TimeSpan.FromSeconds(body.LifetimeSeconds),
        };
        return Planned(asked, body.DeploymentId, body.RevisionId, context => PreviewVerbs.Add(context.Present, command, context.Now));
    }

    private static Outcome<Planned> Remove(Asked asked) => asked.Id<DeploymentId>("deployment_id").Then(deployment =>
        asked.Id<RevisionId>("revision_id").Then(revision => Planned(asked, deployment, revision, context => PreviewVerbs.Remove(context.Present, deployment, revision))));

    private static Outcome<Planned> Planned(Asked asked, DeploymentId deployment, RevisionId revision, Func<ChangeContext, Outcome<PreviewChange>> step) =>
        new Planned(Wire.Target(asked.Environment, ("deployment_id", deployment.ToString()), ("revision_id", revision.ToString())), context =>
            step(context).Then<Change>(change => new Change(Wire.Answer(new JsonObject { ["preview"] = Wire.Node(change.Preview, ContractJson.Default.RevisionPreview) })) { Document = change.Document }))
        {
            Deployment = _ => deployment,
        };
}
