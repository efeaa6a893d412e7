using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Op;

/// <summary>What a store server answers to a change that stands.</summary>
/// <param name="Result">What its verb answers.</param>
/// <param name="Target">What was acted on, by its audit line.</param>
/// <param name="Document">The environment after the change; after the first one when it is a replay.</param>
/// <param name="IsReplay">Whether it stood before and is only answered again.</param>
internal sealed record WireAnswer(JsonElement Result, JsonElement Target, EnvironmentDocument Document, bool IsReplay)
{
    /// <summary>The revision that was acted on, as it is after the change.</summary>
    public Revision Revision
    {
        get
        {
            var id = Id<RevisionId>("revision_id");
            return Document.Revisions.First(revision => revision.RevisionId == id);
        }
    }

    /// <summary>The deployment that was acted on, as it is after the change.</summary>
    public BundleDeployment Deployment
    {
        get
        {
            var id = Id<DeploymentId>("deployment_id");
            return Document.Bundles.First(deployment => deployment.DeploymentId == id);
        }
    }

    /// <summary>An id of what was acted on.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public T Id<T>(string member)
        where T : struct, ITextValue<T> =>
        T.TryParse(Target.GetProperty(member).GetString(), out var id) ? id : throw new FormatException($"{member} is not {T.Expectation}");
}

/// <summary>How a store server is asked for a change that one environment must exist for, and what its answer amounts to.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Ask">The request, made from the environment as it is there and the key in force.</param>
/// <param name="Answer">The verb's answer.</param>
internal sealed record OverWire<T>(Func<EnvironmentDocument, string, Outcome<WireRequest>> Ask, Func<WireAnswer, Outcome<T>> Answer);
